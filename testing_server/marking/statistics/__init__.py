"""How alike, strict and fast a commission marks, while that still helps. Takes marks; gives figures and pages."""
