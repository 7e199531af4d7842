"""`testing-server simulate-marking`: runs a simulated commission, prints a table, ends with 1 on any breach."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from testing_server.rehearsal.commission.simulation import Outcome, simulate, summarise
from testing_server.rehearsal.commission.world import make_world
from testing_server.rehearsal.person import Refused
from testing_server.rehearsal.processes import NotUp

SHOWN = 20
# of twenty good experts one may be asked to talk it over
FALSE_ALARMS = 0.05


@click.command("simulate-marking")
@click.option("--experts", default=60, type=click.IntRange(4, 600), show_default=True, help="Robot experts.")
@click.option("--answers", default=20_000, type=click.IntRange(80, 99_999), show_default=True, help="Spoken answers.")
@click.option("--seed", default=1, show_default=True, help="Draws the answers and what experts make of them.")
@click.option("--data", type=click.Path(path_type=Path), help="Empty folder to keep; a temporary one without it.")
def simulate_marking(experts: int, answers: int, seed: int, data: Path | None) -> None:
    """A commission of robots of known severity marks through the real interface; every rule is counted again."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="marking-") as temporary:
        try:
            outcome = simulate(data or Path(temporary), make_world(experts, answers, seed), console.print)
        except (NotUp, Refused) as error:
            raise click.ClickException(str(error)) from error
    show(console, outcome)
    sys.exit(int(is_broken(outcome)))


def is_broken(outcome: Outcome) -> bool:
    """A rule was broken, a bad expert was not found, or more good ones were stopped than is fair."""
    good = sum(one.kind == "good" for one in outcome.profiles)
    return bool(outcome.breaches or outcome.missed) or len(outcome.false_alarms) > max(1, good * FALSE_ALARMS)


def show(console: Console, outcome: Outcome) -> None:
    """The experts that matter, the numbers, the breaches."""
    marked = outcome.book.count_saved()
    paused, signs = outcome.book.paused, outcome.signs
    table = Table("expert", "is", "marked", "paused by control answers", "signs in the head's figures")
    for one in outcome.profiles:
        if one.kind != "good" or one.login in {*paused, *signs}:
            table.add_row(one.login, one.kind, str(marked[one.login]), paused.get(one.login, ""),
                          signs.get(one.login, ""))
    console.print(table)
    console.print(f"kinds: {dict(Counter(one.kind for one in outcome.profiles))}, thirds: {outcome.thirds}, "
                  f"to the head: {len(outcome.book.referred)}, taken back: {len(outcome.book.taken_back)}")
    console.print(summarise(outcome))
    for text in outcome.breaches[:SHOWN]:
        console.print(f"[red]breach[/red] {text}")
    planted = [one for one in outcome.profiles if one.kind != "good"]
    console.print(f"breaches: {len(outcome.breaches)}, bad experts found: {len(planted) - len(outcome.missed)} of "
                  f"{len(planted)}, not found: {outcome.missed or 'none'}, "
                  f"good ones accused: {outcome.false_alarms or 'none'}")
