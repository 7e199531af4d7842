"""Tests of the distribution: lists, markers, digests; building itself is `make dist`."""
