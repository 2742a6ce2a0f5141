"""Seeded faults of the flannel lab: each breaks what a requirement asks for, in a way that the daemons do not heal."""
