"""That all mark alike: practice and qualification before live marking, control answers and drift during it."""
