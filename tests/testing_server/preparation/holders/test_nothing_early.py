"""A second before the hour: every address of the hub, its files, its log and a copy of its database hold no cipher."""
import json
import logging
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.routing import Rule

from testing_server.contracts.check_digits import cipher_groups, make_cipher
from testing_server.foundation.access import AccountRole
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.release.rules import NotYet
from testing_server.preparation.release.slots import read_held_slot
from tests.testing_server.endpoint_callers import Caller, list_people, make_program, make_worker
from tests.testing_server.preparation.holders import test_holders_release
from tests.testing_server.preparation.holders.make_holders import Band
from tests.testing_server.preparation.holders.test_holders_release import HOUR_MS, SECOND, seal_until
from tests.testing_server.preparation.make_hub import Hub

pytestmark = pytest.mark.usefixtures("quick_passwords")


def list_addresses(hub: Hub, words: dict[str, Any]) -> list[str]:
    """Every address that can be read, its variables filled with what there is."""
    def build(rule: Rule) -> str:
        filled = {name: words.get(name, 1 if "Integer" in type(one).__name__ else "x")
                  for name, one in rule._converters.items()}
        with hub.app.test_request_context():
            return hub.app.url_map.bind("localhost").build(rule.endpoint, filled)
    return [build(rule) for rule in hub.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint != "static"]


def tells(data: bytes, cipher: str) -> bool:
    """Whether a cipher stands in this, as digits or as shown groups."""
    shown = [one.encode() for one in cipher_groups(cipher)]
    return cipher.encode() in data or all(one in data for one in shown)


def test_no_address_file_log_or_copy_tells_a_cipher_early(
        hub: Hub, band: Band, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
        tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    made = [make_cipher(secrets.randbelow), make_cipher(secrets.randbelow)]
    drawn = iter(made)
    monkeypatch.setattr(test_holders_release, "make_cipher", lambda below: next(drawn))
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS)
    cipher, school = made[0], hub.offered.storage
    with school.read() as session:
        owner, slot = session.execute(text("SELECT school, slot FROM archive WHERE kind = 'materials'")).one()
    hub.clock.advance(HOUR_MS - SECOND)
    people = [*list_people(hub.app), make_worker(hub.app),
              make_program(hub.app, "school", "school", owner, frozenset({"school"})),
              Caller("stranger", hub.app.test_client(), frozenset())]
    words = {"archive": pair.materials.archive, "school": owner, "slot": slot, "day": "2026-11-20",
             "name": "key.age", "campaign": "demo-2026"}
    answers = [caller.ask("GET", address) for caller in people for address in list_addresses(hub, words)]
    assert sum(answer.status_code == 200 for answer in answers) > 20 and AccountRole.COORDINATOR in {
        caller.role for caller in people}
    assert not [answer.request.path for answer in answers if tells(answer.data, cipher)]
    copy = tmp_path / "backup.sqlite"
    with sqlite3.connect(hub.offered.settings.data / "hub.sqlite") as live, sqlite3.connect(copy) as target:
        live.backup(target)
    shutil.copytree(hub.offered.settings.data, tmp_path / "all", dirs_exist_ok=True)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "band" not in path.parts)
    assert len(kept) > 10_000 and not tells(kept + caplog.text.encode(), cipher)
    with pytest.raises(NotYet):
        release_cipher(hub.offered, pair.materials.archive, None, "x")
    held = read_held_slot(hub.offered.settings.data / "slots", slot)
    assert held is not None and "identity" not in json.loads(
        (hub.offered.settings.data / "slots" / f"{slot}.json").read_bytes())
    hub.clock.advance(SECOND)
    assert release_cipher(hub.offered, pair.materials.archive, None, "x").cipher == cipher, "the right one was sought"


def test_another_zone_moves_no_hour_that_is_set(hub: Hub, band: Band) -> None:
    """The hour is computed once, at sealing: a school that is moved to Kamchatka neither gains nor loses."""
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS)
    hub.write(lambda session, now_ms: session.execute(text("UPDATE school SET zone = 'Asia/Kamchatka'")))
    hub.clock.advance(HOUR_MS - SECOND)
    with pytest.raises(NotYet) as refused:
        release_cipher(hub.offered, pair.materials.archive, None, "x")
    assert refused.value.opens_at_ms == pair.materials.opens_at_ms
    hub.clock.advance(SECOND)
    assert release_cipher(hub.offered, pair.materials.archive, None, "x").cipher
