"""Benchmarks: what the promises cost on this machine. `make bench`, or `make bench ONLY=name`."""
