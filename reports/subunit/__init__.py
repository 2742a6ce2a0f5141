"""Streams of subunit, and the outcomes in them."""
