"""Runs the benchmarks. Takes ONLY=name from the environment; prints a line each and writes bench.json."""
import importlib
import json
import os
import pkgutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import tests.benchmarks
from tests.benchmarks import answers, answers_beside, board, ciphers, desk, marking, sound, uploads, workstation
from tests.benchmarks.measures import Measure
from tests.benchmarks.sound import Measured

# Groups measured in one go, each number beside its baseline.
GROUPS: dict[str, Callable[[Path], Iterator[Measured]]] = {
    "sound": sound.measure_all, "workstation": workstation.measure_all, "answers": answers.measure_all,
    "board": board.measure_all,
    "start": answers_beside.measure_start, "speakers": answers_beside.measure_speakers,
    "materials": answers_beside.measure_materials, "ciphers": ciphers.measure_all,
    "uploads": uploads.measure_all,
    "marking": marking.measure_all, "desk": desk.measure_all}
RESULTS = Path("bench.json")


def find_measures() -> list[Measure]:
    """The list MEASURES of every file of this folder that has one."""
    names = [found.name for found in pkgutil.iter_modules(tests.benchmarks.__path__) if found.name != "__main__"]
    files = [importlib.import_module(f"tests.benchmarks.{name}") for name in names]
    return [measure for file in files for measure in getattr(file, "MEASURES", [])]


def run_measure(measure: Measure) -> dict[str, float | str]:
    """The better of two runs each, so that a cold disk cache does not decide."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=".") as folder:
        values = [measure.run(_fresh(folder, f"run-{turn}")) for turn in range(2)]
        plain = [measure.baseline(_fresh(folder, f"baseline-{turn}")) for turn in range(2)]
    value, baseline = max(values), max(plain)
    return {"name": measure.name, "unit": measure.unit, "value": round(value, 1),
            "baseline": round(baseline, 1), "ratio": round(value / baseline, 2)}


def _fresh(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def measure_group(measure: Callable[[Path], Iterator[Measured]]) -> Iterator[dict[str, float | str | None]]:
    """What a second of sound or a seat costs, each beside a plain tool in the same run."""
    with tempfile.TemporaryDirectory() as folder:
        for one in measure(Path(folder)):
            print(one, flush=True)
            ratio = one.value / one.baseline if one.baseline else None
            yield {"name": one.name, "unit": one.unit, "value": one.value, "baseline": one.baseline, "ratio": ratio}


def main() -> None:
    """Every measure, or the one named by ONLY."""
    only = os.environ.get("ONLY", "")
    results: list[dict[str, float | str | None]] = []
    try:
        for measure in find_measures():
            if only in ("", measure.name):
                results.append(dict(run_measure(measure)))
                print("{name}: {value} {unit} (baseline {baseline}, ratio {ratio})".format(**results[-1]), flush=True)
        for name, measure_all in GROUPS.items():
            if only in ("", name):
                results.extend(measure_group(measure_all))
    finally:
        # what was measured before something went wrong is kept
        RESULTS.write_text(json.dumps(keep_others(results), indent=1) + "\n")


def keep_others(results: list[dict[str, float | str | None]]) -> list[dict[str, float | str | None]]:
    """What was measured now, after what is known of the rest from before."""
    fresh = {one["name"] for one in results}
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    return [one for one in before if one["name"] not in fresh] + results


if __name__ == "__main__":
    main()
