"""Proof that a dist folder is enough: installed from it alone here, resolved from it alone for every other target.

Takes the folder; raises DistIncomplete with what pip said.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from build_dist.building import DISTRIBUTION, DistIncomplete, Say
from build_dist.closure import find_closure, read_wheels
from build_dist.manifest import find_differences
from build_dist.targets import TARGETS, Target

ALONE = ("--no-index", "--disable-pip-version-check", "--quiet")


def prove_dist(folder: Path, say: Say, targets: tuple[Target, ...] = TARGETS) -> None:
    """All proofs. Raises DistIncomplete."""
    differences = find_differences(folder)
    if differences:
        raise DistIncomplete(f"digests differ: {', '.join(differences)}")
    say("digests fit the manifest")
    for target in targets:
        missing = find_closure(read_wheels(folder), [DISTRIBUTION], target).missing
        if missing:
            raise DistIncomplete(f"{target.name}: {', '.join(missing)}")
        resolve(folder, target)
        say(f"{target.name}: every requirement resolves")
    say(f"installed in a fresh environment here: {install_here(folder)}")


def resolve(folder: Path, target: Target) -> None:
    """Let pip resolve for another machine from the folder alone; which Python it needs the closure has looked at (pip
    asks the Python it runs on)."""
    with tempfile.TemporaryDirectory() as empty:
        call([sys.executable, "-m", "pip", "install", "--dry-run", *ALONE, "--find-links", str(folder), "--target",
              empty, "--ignore-requires-python", *target.pip_options(), DISTRIBUTION])


def install_here(folder: Path) -> str:
    """Install into a fresh environment and start the command; what it says of its version."""
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        programs = Path(place, "Scripts" if sys.platform == "win32" else "bin")
        call([str(programs / "python"), "-m", "pip", "install", *ALONE, "--find-links", str(folder), DISTRIBUTION])
        call([str(programs / "kiosk-client"), "--help"])
        return call([str(programs / "kiosk-client"), "--version"]).strip()


def call(command: Sequence[str]) -> str:
    """Run it without the registries this machine is set up with. Raises DistIncomplete with what it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(command, env={**clean, "PIP_CONFIG_FILE": os.devnull}, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise DistIncomplete(f"{' '.join(command[:6])}…: {(done.stdout + done.stderr).strip()[-2000:]}")
    return done.stdout
