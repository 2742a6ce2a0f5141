"""Results that were made elsewhere, and the verdicts on them."""
