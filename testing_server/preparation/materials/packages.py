"""Assessments a hub may seal. Takes the data folder; gives content packages: shipped samples and data/assessments."""
import json
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _

import task_bank
from testing_server.foundation.refusals import Refusal

SHIPPED = Path(task_bank.__file__).parent / "samples"
FOLDER = "assessments"


class UnknownPackage(Refusal):
    code = "unknown_package"
    status = 404
    message = _("Такой работы на этом сервере нет.")


@dataclass(frozen=True)
class OfferedPackage:
    """A content package: its folder, the name people choose it by, its title in two languages."""

    name: str
    path: Path
    title: dict[str, str]


def list_packages(data: Path) -> list[OfferedPackage]:
    """Packages by name; those of the hub's own folder come before shipped ones of the same name."""
    found: dict[str, OfferedPackage] = {}
    for folder in (data / FOLDER, SHIPPED):
        for described in sorted(folder.glob("*/assessment.json")):
            title = json.loads(described.read_bytes()).get("title", {})
            name = described.parent.name
            found.setdefault(name, OfferedPackage(name, described.parent, title))
    return [found[name] for name in sorted(found)]


def find_package(data: Path, name: str) -> OfferedPackage:
    """Raises UnknownPackage."""
    for one in list_packages(data):
        if one.name == name:
            return one
    raise UnknownPackage()
