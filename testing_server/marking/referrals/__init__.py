"""Answers an expert could not mark: with a reason to the head, who decides."""
