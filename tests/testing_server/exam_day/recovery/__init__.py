"""Tests of ledgers, claims, taking over and backups."""
