"""Correcting a key after the work: every stored answer is scored again, both scores are kept, with who and why."""
