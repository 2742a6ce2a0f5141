"""Official guidelines, written anew for the Tempest that is installed."""
