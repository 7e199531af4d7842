"""What this computer has left. Takes the data folder; gives a Machine (of fitting.rules) without a seat."""
from __future__ import annotations

import shutil
from pathlib import Path

import psutil

from testing_server.exam_day.fitting.rules import Battery, Machine


def look_at_server(data: Path) -> Machine:
    """Disk, memory and battery of this moment. A desktop has no battery: None."""
    return Machine("", shutil.disk_usage(data).free, psutil.virtual_memory().available, read_battery())


def read_battery() -> Battery | None:
    """None where there is none or the system does not tell."""
    found = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if found is None:
        return None
    # a system that does not know whether it is plugged in (None) counts as one that is not
    return Battery(int(found.percent), bool(found.power_plugged))
