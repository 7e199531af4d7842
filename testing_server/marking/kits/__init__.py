"""Marking without a network: a sealed bundle for one expert goes out, signed marks come back and are merged."""
