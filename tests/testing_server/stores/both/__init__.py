"""The essential tests of the hub on the stores of a country: PostgreSQL and S3 (decision 0175)."""
