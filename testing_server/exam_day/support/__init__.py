"""Support: what helps when the server itself is in trouble: its logs, a bundle for engineers, a lost password."""
