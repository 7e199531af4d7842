"""`python -m tests.faults.campaign.table`: writes the table of docs/faults.md from the lines of a run.

Takes results.jsonl; gives a table in Markdown between two marks of the document. No number in it is written by hand.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from tests.faults.campaign.outcome import Outcome, read_outcomes
from tests.faults.campaign.plan import WEIGHTS

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
HEAD = ("Fault", "Times", "While speaking", "Answers promised", "Answers lost", "Speech lost: median, most, ms",
        "Wrong sound, ms", "Behind: median, most, ms", "Back: median, most, s", "Other item", "Broken promises")


def write_table(outcomes: list[Outcome]) -> str:
    """A row for each kind that was tried and one for all."""
    kinds = [kind for kind in WEIGHTS if any(one.kind == kind for one in outcomes)]
    rows = [write_row(kind, [one for one in outcomes if one.kind == kind]) for kind in kinds]
    lines = [HEAD, tuple("---" for _ in HEAD), *rows, write_row("**all**", outcomes)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_row(name: str, outcomes: list[Outcome]) -> tuple[str, ...]:
    """What became of the faults of one kind."""
    speaking = [one for one in outcomes if one.speech_given_ms]
    return (name.replace("_", " "), str(len(outcomes)), str(len(speaking)),
            str(sum(one.saved_before for one in outcomes)),
            str(sum(one.lost_at_seat + one.lost_at_server for one in outcomes)),
            show_numbers(one.speech_lost_ms for one in speaking),
            str(sum(one.speech_wrong_ms for one in outcomes)),
            show_numbers(one.behind_ms for one in outcomes if one.behind_ms is not None),
            show_numbers(one.return_s for one in outcomes if one.return_s is not None),
            str(sum(not one.is_same_item for one in outcomes)), show_breaches(outcomes))


def show_numbers(numbers: Iterable[float]) -> str:
    """Median and the largest, "–" for none."""
    found = sorted(numbers)
    return f"{found[len(found) // 2]:g}, {found[-1]:g}" if found else "–"


def show_breaches(outcomes: list[Outcome]) -> str:
    """How often which promise was broken."""
    found = Counter(name for one in outcomes for name in one.list_breaches())
    return ", ".join(f"{name}: {times}" for name, times in sorted(found.items())) or "0"


def put_table(document: str, table: str) -> str:
    """The document with this table between its marks. Raises ValueError where a mark is missing."""
    before, _, rest = document.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


@click.command()
@click.option("--results", type=click.Path(path_type=Path), default=Path("faults-run/results.jsonl"))
@click.option("--document", type=click.Path(path_type=Path), default=Path("docs/faults.md"))
def main(results: Path, document: Path) -> None:
    """Write the table of a run into the document and on the terminal."""
    table = write_table(read_outcomes(results))
    document.write_text(put_table(document.read_text(encoding="utf-8"), table), encoding="utf-8")
    click.echo(table)


if __name__ == "__main__":
    main()
