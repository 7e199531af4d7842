"""Who marks: a commission of a subject and a region, its head, its experts, its hours and its limits."""
