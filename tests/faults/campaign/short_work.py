"""The work of the campaign: one written and one spoken item that may be spoken to again and again, without a check.

Takes the shipped English sample, gives changed copies of both samples as folders.
"""
from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from testing_server.preparation.materials.packages import SHIPPED
from testing_server.rehearsal.founding import ENGLISH, METAPREDMET

WAY = ("grammar", "reading-aloud")
SPEAKING = {"prepare_s": 2, "record_s": 40, "takes": 40, "early_start": True, "early_finish": True, "playback": False}
DURATION_S = 6 * 3600


def plant_short_work(target: Path) -> None:
    """Under the names by which the hub finds its own packages before the shipped ones."""
    for name in (ENGLISH, METAPREDMET):
        shutil.copytree(SHIPPED / name, target / name)
    described = target / ENGLISH / "assessment.json"
    data = json.loads(described.read_text(encoding="utf-8"))
    positions = [next(one for one in data["positions"] if one["pool"][0].startswith(name)) for name in WAY]
    for number, position in enumerate(positions, start=1):
        position["number"] = number
    positions[1] |= {"speaking": SPEAKING, "auto_move": False}
    data |= {"positions": positions, "duration_s": DURATION_S, "sound_check": False, "sound_check_again": False,
             "total_points": sum(one["points"] for one in positions),
             "scale": [{"mark": 2, "from": 0}, {"mark": 3, "from": 4}]}
    data["criteria"] = {name: one for name, one in data["criteria"].items() if name == positions[1]["criteria"]}
    described.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    for item in (target / ENGLISH / "items").glob("reading-aloud-*.xml"):
        item.write_text(set_times(item.read_text(encoding="utf-8")), encoding="utf-8")


def set_times(text: str) -> str:
    """The times of the speaking rule in an item."""
    for name, key in (("preparation-seconds", "prepare_s"), ("recording-seconds", "record_s"), ("takes", "takes")):
        text = re.sub(f'data-{name}="\\d+"', f'data-{name}="{SPEAKING[key]}"', text)
    return text
