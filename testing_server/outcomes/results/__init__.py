"""The result form: code, variant, points per item and criterion, raw score, mark."""
