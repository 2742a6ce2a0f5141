"""The Tempest that is installed: its tests, and which of them a guideline means."""
