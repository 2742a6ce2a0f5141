"""Seeded faults of the Kafka lab: each breaks what a requirement asks for, in a way that nothing heals meanwhile."""
