"""Final points of one school's work: gathered, frozen by the head of the commission, signed by the hub."""
