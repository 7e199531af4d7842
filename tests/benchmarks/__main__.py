"""Runs the benchmarks. Takes ONLY=name from the environment; prints a line each and writes bench.json."""
import json
import os
import tempfile
from pathlib import Path

from tests.benchmarks.measures import MEASURES, Measure


def run_measure(measure: Measure) -> dict[str, float | str]:
    """The better of two runs each, so that a cold disk cache does not decide."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        values = [measure.run(_fresh(folder, f"run-{turn}")) for turn in range(2)]
        plain = [measure.baseline(_fresh(folder, f"baseline-{turn}")) for turn in range(2)]
    value, baseline = max(values), max(plain)
    return {"name": measure.name, "unit": measure.unit, "value": round(value, 1),
            "baseline": round(baseline, 1), "ratio": round(value / baseline, 2)}


def _fresh(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def main() -> None:
    """Every measure, or the one named by ONLY."""
    only = os.environ.get("ONLY", "")
    results = [run_measure(measure) for measure in MEASURES if only in ("", measure.name)]
    for one in results:
        print("{name}: {value} {unit} (baseline {baseline}, ratio {ratio})".format(**one))
    Path("bench.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
