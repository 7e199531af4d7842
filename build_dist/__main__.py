"""`python -m build_dist FOLDER`: build it, prove it, say what lies there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click

from build_dist.building import DistIncomplete, build_dist
from build_dist.proving import prove_dist


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("dist"))
@click.option("--only-prove", is_flag=True, help="Build nothing, prove what lies there.")
def main(folder: Path, only_prove: bool) -> None:
    """Build the folder from which workstations are installed without a network."""
    folder = folder.absolute()
    try:
        if not only_prove:
            handout = build_dist(folder, click.echo)
            size = sum(file.bytes for file in handout.files)
            click.echo(f"{folder}: {len(handout.files)} files, {size // 1_000_000} MB, version {handout.version}")
        prove_dist(folder, click.echo)
    except DistIncomplete as missing:
        raise click.ClickException(str(missing)) from missing
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"pip ended with {error.returncode}: its own words stand above") from error


if __name__ == "__main__":
    main()
