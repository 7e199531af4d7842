"""Turns accepted attempts into answers to be marked and points the machine may give. Opens only with the criteria."""
