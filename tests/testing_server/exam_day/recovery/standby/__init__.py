"""Tests of a standby: what is handed over, keeping up, stepping in."""
