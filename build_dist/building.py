"""The steps of `make dist`: our own wheel, the wheels it needs on every target, the lists.

Takes the checkout and an output folder. The registry pip is set up with is asked; nothing names one here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from build_dist.closure import Closure, find_closure, read_wheel, read_wheels
from build_dist.manifest import write_manifest
from build_dist.targets import TARGETS, Target
from testing_server.contracts.handout import Handout

ROOT = Path(__file__).resolve().parent.parent
DISTRIBUTION = "testing-server"
SOURCES = ("audio", "kiosk_client", "task_bank", "testing_server", "setup.cfg", "pyproject.toml", "MANIFEST.in",
           "README.md", "LICENSE")
# What set-up makes and git does not keep: without it the pages would be empty or Russian only.
MADE_BY_SETUP = (
    "kiosk_client/static/bundle/kiosk.js", "kiosk_client/static/bundle/player.js",
    "kiosk_client/static/bundle/player.css", "testing_server/foundation/web/static/bundle/console.js",
    "testing_server/exam_day/translations/en/LC_MESSAGES/messages.mo",
    "testing_server/foundation/translations/en/LC_MESSAGES/messages.mo",
)
# A package that asks for the next one that asks for the next: more rounds than any chain is long.
ROUNDS = 8

Say = Callable[[str], None]


class DistIncomplete(Exception):
    """Something a workstation needs is not there; the message names it."""


def build_dist(folder: Path, say: Say, targets: tuple[Target, ...] = TARGETS) -> Handout:
    """Fill `folder` from nothing. Raises DistIncomplete, CalledProcessError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = build_wheel(folder)
    check_own_wheel(own)
    say(f"{own.name}: {own.stat().st_size // 1_000_000} MB, pages and translations inside")
    for target in targets:
        download(folder, target, [str(own)])
    used = {target.name: complete(folder, target, say).used for target in targets}
    remove_unused(folder, set().union(*used.values()))
    return write_manifest(folder, str(read_wheel(own).version), used)


def build_wheel(folder: Path) -> Path:
    """Our own wheel, built from a copy: a build leaves folders behind that would find their way into the next one."""
    copy = folder / "source"
    for name in SOURCES:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.map"))
        else:
            shutil.copy2(source, target)
    run_pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(copy))
    shutil.rmtree(copy)
    return next(folder.glob("testing_server-*.whl"))


def check_own_wheel(wheel: Path) -> None:
    """Raises DistIncomplete when what set-up makes is not inside."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    missing = [name for name in MADE_BY_SETUP if name not in inside]
    if missing:
        raise DistIncomplete(f"{wheel.name} lacks {', '.join(missing)}: run make setup")


def download(folder: Path, target: Target, wanted: Iterable[str], *options: str) -> None:
    """Ask pip for wheels of another machine."""
    run_pip("download", "--quiet", "--dest", str(folder), "--find-links", str(folder), *target.pip_options(),
            *options, *wanted)


def complete(folder: Path, target: Target, say: Say) -> Closure:
    """Fetch what the target's own markers ask for: pip asked those of this machine. Raises DistIncomplete."""
    for _ in range(ROUNDS):
        closure = find_closure(read_wheels(folder), [DISTRIBUTION], target)
        if not closure.missing:
            return closure
        say(f"{target.name}: also {', '.join(sorted(closure.missing))}")
        # Their own requirements are found in the next round, by the right markers.
        plain = [text.partition(";")[0].strip() for text in sorted(closure.missing)]
        download(folder, target, plain, "--no-deps")
    raise DistIncomplete(f"{target.name}: {', '.join(sorted(closure.missing))}")


def remove_unused(folder: Path, used: set[str]) -> None:
    """Wheels that only this machine's markers asked for."""
    for path in folder.glob("*.whl"):
        if path.name not in used:
            path.unlink()


def run_pip(*options: str) -> None:
    """This environment's pip. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "pip", *options], check=True, cwd=ROOT)
