"""What this computer lives on: the memory that is free and the battery. Takes nothing; gives numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Supplies:
    """`battery_percent` and `on_mains` are None where there is no battery."""

    memory_free_bytes: int = 0
    battery_percent: int | None = None
    on_mains: bool | None = None


def look_at_supplies() -> Supplies:
    """Of this moment."""
    # Read when somebody asks: no start of a seat waits for it.
    import psutil

    free = psutil.virtual_memory().available
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None:
        return Supplies(free)
    # a system that does not know whether it is plugged in (None) counts as one that is not
    return Supplies(free, min(100, max(0, round(battery.percent))), bool(battery.power_plugged))
