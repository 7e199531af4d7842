"""Wheels small enough to build in a test: a name, a version, requirements, perhaps a command."""

from __future__ import annotations

import zipfile
from pathlib import Path


def make_wheel(folder: Path, name: str, version: str = "1.0", tag: str = "py3-none-any", requires: tuple[str, ...] = (),
               python: str = "", command: str = "", code: str = "") -> Path:
    """A wheel pip can install. `command`: a program that runs `main` of the module."""
    module = name.replace("-", "_")
    path = folder / f"{module}-{version}-{tag}.whl"
    info = f"{module}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}",
                *(f"Requires-Dist: {one}" for one in requires)]
    if python:
        metadata.append(f"Requires-Python: {python}")
    members = {f"{module}.py": code or "def main():\n    print('here')\n",
               f"{info}/METADATA": "\n".join(metadata) + "\n",
               f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"}
    if command:
        members[f"{info}/entry_points.txt"] = f"[console_scripts]\n{command} = {module}:main\n"
    members[f"{info}/RECORD"] = "".join(f"{one},,\n" for one in [*members, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path
