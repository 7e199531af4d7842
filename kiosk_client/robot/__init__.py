"""A robot candidate: the real agent without a page. Takes a plan, tells its steps as JSON lines."""
