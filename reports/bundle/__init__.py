"""Bundles: results with all that tells how they came about, in one signed file."""
