"""Seeded faults of this suite, and what its tests themselves do to the lab."""
