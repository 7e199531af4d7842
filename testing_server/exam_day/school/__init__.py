"""The school this server belongs to: its key, its certificate, its line to the hub."""
