"""Handing the workstations' software out over the room's network: installer, wheels, updates."""
