"""`python -m build_dist.relist FOLDER`: write the lists again after a file for people was added (Python's installer).

Wheels keep their targets; what is new is for people.
"""

from __future__ import annotations

from pathlib import Path

import click

from build_dist.manifest import write_manifest
from testing_server.contracts.handout import MANIFEST, read_handout


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
def main(folder: Path) -> None:
    """Read the folder again."""
    known = read_handout((folder / MANIFEST).read_bytes())
    used: dict[str, set[str]] = {}
    for file in known.files:
        for target in file.targets:
            used.setdefault(target, set()).add(file.name)
    handout = write_manifest(folder, known.version, used)
    click.echo(f"{folder}: {len(handout.files)} files")


if __name__ == "__main__":
    main()
