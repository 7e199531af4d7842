"""What of an item may reach a candidate: allow-lists, what cannot run on a seat, the body that is left."""
