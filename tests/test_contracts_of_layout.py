"""The layout's import contracts, run where continuous integration sees them, and proof that they bite."""
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("audio", "kiosk_client", "task_bank", "testing_server")

# what each contract forbids: a file, the line planted in it, and the contract that must break
VIOLATIONS = [
    ("testing_server/preparation/planted.py", "import testing_server.marking", "Data flows one way"),
    ("testing_server/foundation/planted.py", "import testing_server.exam_day", "Data flows one way"),
    ("testing_server/unplaced/__init__.py", "", "Data flows one way"),
    ("kiosk_client/planted.py", "import testing_server.foundation.clock", "The kiosk knows the contracts"),
    ("kiosk_client/planted.py", "import task_bank", "The kiosk knows the contracts"),
    ("kiosk_client/planted.py", "import sqlalchemy", "The kiosk knows the contracts"),
    ("testing_server/marking/planted/rules.py", "import flask", "Rules know neither Flask"),
    ("testing_server/contracts/planted.py", "import sqlalchemy", "Rules know neither Flask"),
    ("task_bank/planted.py", "import testing_server.contracts", "The bank knows neither"),
    ("audio/planted.py", "import task_bank", "Sound knows no exam"),
    ("testing_server/rehearsal/planted.py", "import kiosk_client", "The server imports nothing of the kiosk"),
    ("testing_server/marking/planted/pages.py", "import testing_server.preparation.registry.records",
     "Preparation's tables are its own"),
    ("testing_server/marking/planted/pages.py", "import testing_server.foundation.audit.records",
     "Foundation tables"),
]


def run_contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run([sys.executable, "-c", code, "--no-cache"], cwd=folder, capture_output=True, text=True,
                          env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}, timeout=120)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources without what is built or recorded."""
    folder = tmp_path_factory.mktemp("layout")
    shutil.copy(ROOT / "setup.cfg", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=lambda parent, names: [
            name for name in names if not name.endswith(".py") and not (Path(parent) / name).is_dir()])
    return folder


def test_contracts_are_kept() -> None:
    done = run_contracts(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "line", "broken"), VIOLATIONS, ids=lambda value: str(value).replace(" ", "-")[:40])
def test_planted_violation_is_found(copy: Path, path: str, line: str, broken: str) -> None:
    planted, made = copy / path, not (copy / path).parent.exists()
    planted.parent.mkdir(exist_ok=True)
    (planted.parent / "__init__.py").touch()
    planted.write_text(line + "\n")
    try:
        done = run_contracts(copy)
    finally:
        shutil.rmtree(planted.parent) if made else planted.unlink()
    assert done.returncode != 0
    verdicts = [verdict for verdict in done.stdout.splitlines() if verdict.endswith(" BROKEN")]
    assert len(verdicts) == 1 and verdicts[0].startswith(broken)
