"""Reports of a sitting on paper: the protocol and the incident report, prefilled from what was kept; codes only."""
