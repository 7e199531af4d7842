"""Random faults on eight seats at once: what was promised before and what is there after, one line for each."""
