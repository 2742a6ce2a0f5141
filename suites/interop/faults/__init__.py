"""The seeded faults of the suite: each breaks a Keystone, never a test."""
