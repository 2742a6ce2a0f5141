"""The client of a RefStack server."""
