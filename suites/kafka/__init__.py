"""Kafka: what is asked of a cluster, its judges, and the faults that prove them."""
