"""`python -m tests.faults.campaign`: makes random faults until there are so many; started again it goes on."""
from __future__ import annotations

import logging
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import click

from tests.faults.campaign.campaign import FAULTS_OF_A_WORK, SEATS, Campaign, is_possible, plan_faults
from tests.faults.campaign.loss import enter_own_network
from tests.faults.campaign.outcome import Results
from tests.faults.campaign.plan import WEIGHTS

# A sitting of all the candidates that a thousand faults need would not fit on a disk with 70 GB free, says the guard.
FAULTS_OF_A_WORLD = 400


@click.command()
@click.option("--faults", "total", default=1000, help="How many in all, with those of earlier runs.")
@click.option("--only", multiple=True, help="Only these kinds.")
@click.option("--each-once", is_flag=True, help="Every kind once, and no more.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("faults-run"), help="Where the run is kept.")
def main(total: int, only: tuple[str, ...], each_once: bool, folder: Path) -> None:
    """One line for each fault; exit code 1 when a promise was broken."""
    enter_own_network()
    # Told to end, it ends what it started: the next run goes on.
    signal.signal(signal.SIGTERM, lambda *told: sys.exit(143))
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if each_once:
        only = tuple(kind for kind in WEIGHTS if is_possible(kind))
        total = len(only)
    folder = folder.absolute()
    done = {outcome.number for outcome in Results(folder / "results.jsonl").read()}
    began = time.monotonic()
    faults = list(plan_faults(total, done, only))
    for first in range(0, len(faults), FAULTS_OF_A_WORLD):
        with ExitStack() as stack:
            portion = faults[first:first + FAULTS_OF_A_WORLD]
            campaign = Campaign(folder, stack, iter(portion), SEATS * 2 + 3 * len(portion) // FAULTS_OF_A_WORK)
            click.echo(f"{len(faults) - first} faults to make; the world is up after {time.monotonic() - began:.0f} s")
            campaign.run(lambda line: click.echo(f"{time.monotonic() - began:6.0f} {line}"))
    broken = [outcome for outcome in Results(folder / "results.jsonl").read() if outcome.list_breaches()]
    click.echo(f"{total} faults, {len(broken)} with a broken promise")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
