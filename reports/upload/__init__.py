"""Results sent to a RefStack server, and read back."""
