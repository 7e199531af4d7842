"""Packages: the balance of a sitting, its sealed result, its way to the hub and the receipt."""
