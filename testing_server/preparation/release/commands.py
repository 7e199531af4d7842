"""Commands of holders: making a key, naming all of them, a keeper, opening halves, signing a postponement, a kit.

Takes arguments; prints what was done, or the reason it was not in one line. Everything but `name` runs far from the
hub: on a keeper's machine or a coordinator's own PC.
"""
from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from waitress.server import create_server

from testing_server.contracts.check_digits import cipher_groups
from testing_server.foundation.clock import SystemClock
from testing_server.preparation.holders.clocks import is_synchronised
from testing_server.preparation.holders.keeper_app import make_keeper_app
from testing_server.preparation.holders.keeping import Keeper
from testing_server.preparation.holders.messages import sign_postponement
from testing_server.preparation.holders.roll import (
    BadRoll, HolderKey, Roll, is_locked_key, make_holder, read_card, read_key, write_roll)
from testing_server.preparation.holders.shares import BadHalf
from testing_server.preparation.release.kits import (
    BadKit, OpenedWork, open_kit, open_slot_halves, read_kit, write_halves, write_told)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FAILURES = (BadRoll, BadHalf, BadKit, OSError, ValueError, KeyError)


@click.group()
def holders() -> None:
    """Who keeps the halves of ciphers' keys: keepers and coordinators."""


@holders.command("make")
@click.option("--folder", required=True, type=click.Path(path_type=Path), help="Where the key and the card are put.")
@click.option("--name", required=True, help="Small latin letters, digits, hyphens: keeper-b, anna.")
@click.option("--kind", required=True, type=click.Choice(["keeper", "coordinator"]), help="What the holder is.")
@click.option("--url", default="", help="Where a keeper will answer: https://keeper.example:8443.")
@click.option("--passphrase", default="", help="Locks the key file; a keeper starts without a person and has none.")
def make(folder: Path, name: str, kind: Any, url: str, passphrase: str) -> None:
    """Make a holder's key; the card holder.json goes to the hub, holder.key to nobody."""
    holder = refuse(lambda: make_holder(folder, name, kind, url, passphrase))
    click.echo(f"{holder.name}: card {folder / 'holder.json'}, fingerprint {holder.fingerprint}")


@holders.command("name")
@click.argument("cards", nargs=-1, required=True, type=FILE)
@click.option("--root", required=True, help="Fingerprint of the hub's root, as its readiness page shows it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="holders.json, for the hub and keepers.")
def name_holders(cards: tuple[Path, ...], root: str, out: Path) -> None:
    """Write the list of all holders: it goes into the hub's key folder and into every keeper's folder."""
    named = refuse(lambda: [read_card(card.read_bytes()) for card in cards])
    refuse(lambda: write_roll(out, Roll(root, tuple(named))))
    for one in named:
        click.echo(f"{one.name} ({one.kind}): {one.fingerprint}")


@holders.command("open-half")
@click.argument("slot_file", type=FILE)
@click.option("--key", required=True, type=FILE, help="The coordinator's holder.key.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("halves.json"), help="What is brought to the hub.")
def open_own_half(slot_file: Path, key: Path, out: Path) -> None:
    """Open this holder's halves of a slot, at its hour, for the hub or for a kit."""
    told = refuse(lambda: json.loads(slot_file.read_bytes()))
    own = ask_key(key)
    halves = refuse(lambda: open_slot_halves(told["slot"], told, own))
    hour = max(half.opens_at_ms for half in halves)
    if SystemClock().now_ms() < hour:
        raise click.ClickException(f"the hour has not come by this computer's clock: {show(hour)}")
    out.write_bytes(write_halves(told["slot"], own.name, halves))
    click.echo(f"{out}: halves of {own.name}; upload the file on the hub's page of releases")


@holders.command("sign-postponement")
@click.argument("slot_file", type=FILE)
@click.option("--key", required=True, type=FILE, help="The coordinator's holder.key.")
@click.option("--to", "later", required=True, help="The later hour with its zone: 2027-04-14T09:00+03:00.")
@click.option("--reason", required=True, help="One sentence for the audit.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("postponement.json"), help="The signed file.")
def postpone(slot_file: Path, key: Path, later: str, reason: str, out: Path) -> None:
    """Sign a later hour for a slot; it holds when a second coordinator signs the same hour."""
    told, own = refuse(lambda: json.loads(slot_file.read_bytes())), ask_key(key)
    moment = refuse(lambda: datetime.fromisoformat(later))
    if moment.tzinfo is None:
        raise click.ClickException("name the zone with the hour: 2027-04-14T09:00+03:00")
    opens_at_ms = int(moment.timestamp() * 1000)
    if opens_at_ms <= told["opens_at_ms"]:
        raise click.ClickException(f"only later: the slot opens at {show(told['opens_at_ms'])}")
    out.write_bytes(sign_postponement(told["slot"], opens_at_ms, reason, own.signing))
    click.echo(f"{out}: {own.name} agrees to {show(opens_at_ms)}")


@click.command()
@click.option("--folder", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="holder.key, holders.json; what the keeper has seen of time is kept here too.")
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=0, type=int, help="0 takes a free one.")
@click.option("--time-server", default="", help="Host[:port] to ask for the time; without it, the system's service.")
def keeper(folder: Path, host: str, port: int, time_server: str) -> None:
    """Keep halves of ciphers' keys and give them at the hour of this machine's own clock."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    kept = refuse(lambda: Keeper(folder, SystemClock(), lambda now_ms: is_synchronised(time_server, now_ms)))
    server = create_server(make_keeper_app(kept), host=host, port=port, threads=4)
    click.echo(f"keeper {kept.key.name}: http://{host}:{server.effective_port}")
    server.run()


@click.command("open-kit")
@click.argument("kit_file", type=FILE)
@click.option("--key", "keys", multiple=True, type=FILE, help="A holder's key; two holders bring one each.")
@click.option("--half", "halves", multiple=True, type=FILE, help="Halves a holder opened elsewhere.")
@click.option("--school", "login", default="", help="Only the school with this login.")
@click.option("--told", type=click.Path(path_type=Path), default=Path("told.json"),
              help="What was read out, to upload when the hub is back.")
def open_kit_here(kit_file: Path, keys: tuple[Path, ...], halves: tuple[Path, ...], login: str, told: Path) -> None:
    """Two holders read out ciphers while the hub is down. Call the school back at the number in the registry."""
    kit = refuse(lambda: read_kit(kit_file.read_bytes()))
    now_ms = SystemClock().now_ms()
    early = [one for one in kit.works if login in ("", one.login) and now_ms < one.opens_at_ms]
    if early:
        raise click.ClickException(f"the hour of {early[0].login} has not come: {show(early[0].opens_at_ms)}")
    opened = refuse(lambda: open_kit(kit, [ask_key(path) for path in keys], [path.read_bytes() for path in halves],
                                     login))
    for one in opened:
        click.echo(describe_opened(one))
    told.write_bytes(write_told(opened, now_ms))
    click.echo(f"{told}: upload it on the hub's page of telephone ciphers", err=True)


def describe_opened(one: OpenedWork) -> str:
    """One line to read out: the login, the school, the work, six groups."""
    return f"{one.work.login}  {one.work.school}  {one.work.title}:  {'  '.join(cipher_groups(one.cipher))}"


def ask_key(path: Path) -> HolderKey:
    """A key file; a locked one asks for its passphrase."""
    locked = is_locked_key(path.read_bytes())
    passphrase = click.prompt(f"passphrase of {path}", hide_input=True, err=True) if locked else ""
    return refuse(lambda: read_key(path, passphrase))


def refuse(act: Any) -> Any:
    """What `act` gives; its refusal in one line."""
    try:
        return act()
    except FAILURES as failure:
        raise click.ClickException(str(failure) or type(failure).__name__) from failure


def show(at_ms: int) -> str:
    """An instant for the terminal, in this computer's own zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000).astimezone():%d.%m.%Y %H:%M %Z}"


COMMANDS = (holders, keeper, open_kit_here)

if __name__ == "__main__":
    group = click.Group(commands={str(one.name): one for one in COMMANDS})
    group()
