"""With holders set up nobody reads a cipher early, the hub's administrator neither: not from files, not by clocks."""
from __future__ import annotations

import json
import re
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest

from task_bank.sealing import open_archive
from testing_server.contracts.check_digits import make_cipher, read_cipher
from testing_server.foundation.audit import read_audit
from testing_server.foundation.audit.queries import find_last
from testing_server.foundation.clock import Clock, SystemClock
from testing_server.foundation.supervision import find_free_port
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.founding.actions import HoldersMissing, prepare_hub
from testing_server.preparation.holders.clocks import EPOCH_1900_S, NoTimeServer, ask_time_server, is_synchronised
from testing_server.preparation.holders.messages import sign_postponement
from testing_server.preparation.holders.roll import ROLL, Roll, make_holder, read_key, write_roll
from testing_server.preparation.holders.trust import list_trusted_holders
from testing_server.preparation.hub_keys import make_hub_keys
from testing_server.preparation.materials.actions import order_sealing, plan_sealing, record_sealing
from testing_server.preparation.materials.queries import read_archive, read_locked_cipher
from testing_server.preparation.materials.sealing import ArchiveFacts, SealedPair, SealingKeys, make_archives
from testing_server.preparation.release import joining
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.release.joining import bring_halves
from testing_server.preparation.release.kits import open_slot_halves
from testing_server.preparation.release.postponing import NotAgreedYet, bring_postponement
from testing_server.preparation.release.rules import HoldersAway, NotYet, TooManyHalves
from testing_server.preparation.release.slots import (
    HeldSlot, obtain_slot, raise_slot, read_held_slot, read_opened, read_slot)
from tests.builders import close_app
from tests.testing_server.preparation.holders.make_holders import Band
from tests.testing_server.preparation.make_hub import Hub, make_hub, make_school
from tests.testing_server.preparation.make_materials import DEMO, ENGLISH

HOUR_MS = 3_600_000
SECOND = 1000


def seal_until(hub: Hub, opens_at_ms: int, **school: Any) -> SealedPair:
    """Both archives of a school as the hub records them, their ciphers held back until then; without the files."""
    made, now_ms = make_school(hub, **school), hub.clock.now_ms()
    campaign = find_campaign(hub.offered.settings.data, DEMO)
    plan = replace(plan_sealing(made, campaign, ENGLISH, 1, "2026-11-20", now_ms), cipher_opens_at_ms=opens_at_ms)
    both = [describe_locked(hub, kind, at_ms) for kind, at_ms in (("materials", opens_at_ms), ("criteria", now_ms))]
    pair = SealedPair("english-7", {"ru": "Английский язык, 7 класс", "en": "English, grade 7"}, 1, "00", *both)
    hub.write(order_sealing, plan=plan)
    hub.write(record_sealing, plan=plan, pair=pair, campaign=campaign)
    return pair


def describe_locked(hub: Hub, kind: str, opens_at_ms: int) -> ArchiveFacts:
    """An archive with a cipher locked to its slot."""
    holders = list_trusted_holders(hub.offered.settings)
    slot = obtain_slot(hub.offered.settings.data / "slots", DEMO, "english-7", opens_at_ms, holders)
    archive = secrets.token_hex(32)
    locked = slot.lock({"archive": archive, "cipher": make_cipher(secrets.randbelow), "opens_at_ms": opens_at_ms})
    return ArchiveFacts(archive, kind, 100, "0" * 64, opens_at_ms, slot.id, locked.hex(), "00")


def seal_for_real(hub: Hub, opens_at_ms: int) -> SealedPair:
    """The English work, assembled and sealed, its materials' cipher held back until then."""
    made, now_ms = make_school(hub), hub.clock.now_ms()
    campaign, data = find_campaign(hub.offered.settings.data, DEMO), hub.offered.settings.data
    plan = replace(plan_sealing(made, campaign, ENGLISH, 1, "2026-11-20", now_ms), cipher_opens_at_ms=opens_at_ms)
    hub.write(order_sealing, plan=plan)
    pair = make_archives(plan, data, SealingKeys(hub.keys.signing, hub.keys.escrow,
                                                 list_trusted_holders(hub.offered.settings)))
    hub.write(record_sealing, plan=plan, pair=pair, campaign=campaign)
    return pair


def slot_of(hub: Hub, archive: str) -> HeldSlot:
    return slot_of_id(hub, hub.read(read_locked_cipher, archive).slot)


def slot_of_id(hub: Hub, slot: str) -> HeldSlot:
    found = read_held_slot(hub.offered.settings.data / "slots", slot)
    assert found is not None
    return found


def bring(hub: Hub, band: Band, slot: HeldSlot, name: str) -> None:
    parts = read_slot(hub.offered.settings.data / "slots", slot.id)
    halves = open_slot_halves(slot.id, parts, band.key(name))
    bring_halves(hub.offered, slot, name, {half.pair: half.data.hex() for half in halves}, name)
    line = hub.read(find_last, "hub", {"halves_brought"})
    assert line is not None and (line.actor, line.subject) == (name, slot.id)


def wait_again(hub: Hub) -> None:
    hub.clock.advance(joining.ASK_AGAIN_MS)


def find_secrets(folder: Path) -> list[str]:
    """Keys of age, wherever they lie in clear."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
            and b"AGE-SECRET-KEY-" in path.read_bytes()]


def test_the_hour_passes_and_two_keepers_give_the_cipher(hub: Hub, band: Band, tmp_path: Path) -> None:
    pair = seal_for_real(hub, hub.clock.now_ms() + HOUR_MS)
    hub.clock.advance(HOUR_MS - SECOND)
    with pytest.raises(NotYet):
        release_cipher(hub.offered, pair.materials.archive, None, "x")
    hub.clock.advance(SECOND)
    cipher = release_cipher(hub.offered, pair.materials.archive, None, "x").cipher
    archive = hub.offered.settings.data / "archives" / pair.materials.archive
    assert open_archive(archive / "archive.age", archive / "key.age", cipher, tmp_path / "opened").names
    band.stop()
    assert release_cipher(hub.offered, pair.materials.archive, None, "x").cipher == cipher, "kept once it was opened"


def test_everything_the_hub_has_opens_nothing_before_the_hour(hub: Hub, band: Band) -> None:
    """The administrator's own copy: all files, every key among them, and a clock set forward."""
    pair = seal_for_real(hub, hub.clock.now_ms() + HOUR_MS)
    data = hub.offered.settings.data
    own = [pyrage.x25519.Identity.from_str(found.decode()) for path in data.rglob("*") if path.is_file()
           for found in re.findall(rb"AGE-SECRET-KEY-[0-9A-Z]+", path.read_bytes())]
    locked = hub.read(read_locked_cipher, pair.materials.archive)
    slot = slot_of(hub, pair.materials.archive)
    assert own and all("escrow" in name or "recipient" in name for name in find_secrets(data))
    for identity in own:
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(locked.cipher_locked, [identity])
    hub.offered.clock = Ahead(hub.clock, HOUR_MS)
    with pytest.raises(HoldersAway) as refused:
        release_cipher(hub.offered, pair.materials.archive, None, "x")
    assert refused.value.details["holders"] == {"keeper-a": "clocks_differ", "keeper-b": "clocks_differ"}
    assert read_opened(data / "slots", slot.id) is None and slot.pairs


class Ahead:
    """The clock of a hub whose administrator set it forward."""

    def __init__(self, clock: Clock, ms: int) -> None:
        self._clock, self._ms = clock, ms

    def now_ms(self) -> int:
        return self._clock.now_ms() + self._ms

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms()


def test_one_keeper_is_not_enough_and_a_coordinator_helps_out(hub: Hub, band: Band) -> None:
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS)
    archive, slot = pair.materials.archive, slot_of(hub, pair.materials.archive)
    with pytest.raises(NotYet):
        bring(hub, band, slot, "anna")
    hub.clock.advance(HOUR_MS)
    band.keepers["keeper-b"].stop()
    with pytest.raises(HoldersAway) as refused:
        release_cipher(hub.offered, archive, None, "x")
    assert (refused.value.details["holders"], refused.value.retry_after_s) == ({"keeper-b": "silent"}, 10)
    bring(hub, band, slot, "anna")
    assert read_cipher(release_cipher(hub.offered, archive, None, "x").cipher)


def test_two_coordinators_need_no_keeper(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    hub.clock.advance(HOUR_MS)
    band.stop()
    bring(hub, band, slot_of(hub, archive), "anna")
    with pytest.raises(HoldersAway):
        release_cipher(hub.offered, archive, None, "x")
    bring(hub, band, slot_of(hub, archive), "boris")
    assert release_cipher(hub.offered, archive, None, "x").cipher


def test_keepers_are_asked_once_for_everybody(hub: Hub, band: Band, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    hub.clock.advance(HOUR_MS)
    asked: list[str] = []
    real = joining._ask_keeper

    def ask(offered: Any, keeper: Any, slot: HeldSlot) -> Any:
        asked.append(keeper.name)
        return real(offered, keeper, slot)
    monkeypatch.setattr(joining, "_ask_keeper", ask)
    threads = [threading.Thread(target=release_cipher, args=(hub.offered, archive, None, "x")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == ["keeper-a", "keeper-b"]


def test_silent_keepers_are_not_asked_by_every_school(hub: Hub, band: Band, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    hub.clock.advance(HOUR_MS)
    band.stop()
    for _ in range(3):
        with pytest.raises(HoldersAway):
            release_cipher(hub.offered, archive, None, "x")
    monkeypatch.setattr(joining, "_ask_holders", lambda *told: "asked again")
    with pytest.raises(HoldersAway):
        joining.unlock_slot(hub.offered, slot_of(hub, archive))
    wait_again(hub)
    assert joining.unlock_slot(hub.offered, slot_of(hub, archive)) == "asked again"


def test_a_postponed_slot_waits_at_the_hub_and_at_keepers_that_were_away(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    slot, later = slot_of(hub, archive), hub.clock.now_ms() + 2 * HOUR_MS
    signed = [sign_postponement(slot.id, later, "авария", band.key(name).signing) for name in ("anna", "boris")]
    folder = hub.offered.settings.data / "slots"
    assert raise_slot(folder, slot.id, later, signed) == later
    assert raise_slot(folder, slot.id, later - 1, signed) == later
    hub.clock.advance(HOUR_MS)
    with pytest.raises(NotYet) as refused:
        release_cipher(hub.offered, archive, None, "x")
    assert refused.value.opens_at_ms == later
    hub.clock.advance(HOUR_MS)
    assert release_cipher(hub.offered, archive, None, "x").cipher
    raised = band.folder / "keeper-a" / "raised.json"
    assert json.loads(raised.read_text()) == {slot.id: later}


def test_rubbish_takes_no_good_halves_place_and_a_half_may_come_twice(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    slot = slot_of(hub, archive)
    hub.clock.advance(HOUR_MS)
    pairs = slot.halves_of("anna")
    rubbish = {pair: secrets.token_hex(74) for pair in pairs}
    bring_halves(hub.offered, slot, "anna", rubbish, "anna")
    bring(hub, band, slot, "anna")
    bring(hub, band, slot, "anna")
    bring_halves(hub.offered, slot, "anna", {pair: secrets.token_hex(3) for pair in pairs}, "anna")
    assert joining.list_brought_by(hub.offered, slot) == ["anna"]
    # keeper-b answers, so anna's half of the pair with it comes beside two of rubbish, and keeper-b's own by hand too
    bring(hub, band, slot, "keeper-b")
    assert read_cipher(release_cipher(hub.offered, archive, None, "x").cipher)


def test_a_holder_who_brings_only_rubbish_is_stopped_and_keeps_nobody_out(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    slot = slot_of(hub, archive)
    hub.clock.advance(HOUR_MS)
    band.stop()

    def spoil() -> None:
        bring_halves(hub.offered, slot, "anna", {pair: secrets.token_hex(74) for pair in slot.halves_of("anna")}, "x")
    for _ in range(joining.MOST_BROUGHT):
        spoil()
    with pytest.raises(TooManyHalves):
        spoil()
    bring(hub, band, slot, "boris")
    bring(hub, band, slot, "anna")
    assert release_cipher(hub.offered, archive, None, "x").cipher


def sign(band: Band, slot: HeldSlot, name: str, opens_at_ms: int) -> bytes:
    return sign_postponement(slot.id, opens_at_ms, "авария", band.key(name).signing)


def test_signatures_that_come_at_once_are_both_kept(hub: Hub, band: Band) -> None:
    slot = slot_of(hub, seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive)
    hours = [slot.opens_at_ms + number * HOUR_MS for number in range(1, 6)]

    def act(envelope: bytes) -> int | None:
        try:
            return bring_postponement(hub.offered, slot, envelope, "x")
        except NotAgreedYet:
            return None
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(act, [sign(band, slot, name, hour) for hour in hours for name in ("anna", "boris")]))
    assert max(one or 0 for one in told) == hours[-1] == slot_of_id(hub, slot.id).opens_at_ms, "the latest hour holds"


def test_a_postponement_cut_off_half_way_is_ended_by_bringing_it_again(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms() + HOUR_MS).materials.archive
    slot = slot_of(hub, archive)
    later, latest = slot.opens_at_ms + HOUR_MS, slot.opens_at_ms + 2 * HOUR_MS
    with pytest.raises(NotAgreedYet):
        bring_postponement(hub.offered, slot, sign(band, slot, "anna", later), "anna")
    second = sign(band, slot, "boris", later)
    raise_slot(hub.offered.settings.data / "slots", slot.id, later, [sign(band, slot, "anna", later), second])
    for _ in range(2):
        assert bring_postponement(hub.offered, slot_of(hub, archive), second, "boris") == later
    assert hub.read(read_archive, archive).opens_at_ms == later
    verbs = [line.verb for line in hub.read(read_audit, "hub")]
    assert verbs.count("slot_postponed") == 1
    with pytest.raises(NotAgreedYet):
        bring_postponement(hub.offered, slot_of(hub, archive), sign(band, slot, "anna", latest), "anna")


def test_a_hub_told_to_use_holders_does_not_start_without_them(hub: Hub) -> None:
    (hub.offered.settings.keys_folder / ROLL).unlink()
    with pytest.raises(HoldersMissing):
        prepare_hub(hub.offered)


@pytest.fixture
def time_server() -> Iterator[str]:
    """A small real SNTP server on loopback that knows this machine's time."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                _asked, whence = line.recvfrom(48)
            except OSError:
                return
            seconds = time.time() + EPOCH_1900_S
            stamp = struct.pack("!II", int(seconds), int(seconds % 1 * 2 ** 32))
            line.sendto(b"\x24\x02" + bytes(38) + stamp, whence)
    threading.Thread(target=answer, daemon=True).start()
    yield f"127.0.0.1:{line.getsockname()[1]}"
    line.close()


def test_a_clock_is_believed_when_a_time_server_agrees(time_server: str) -> None:
    now_ms = SystemClock().now_ms()
    assert is_synchronised(time_server, now_ms) and not is_synchronised(time_server, now_ms - 5000)
    assert abs(ask_time_server(time_server, now_ms)) < 1000
    with pytest.raises(NoTimeServer):
        ask_time_server("127.0.0.1:9", now_ms)
    assert is_synchronised("127.0.0.1:9", now_ms) is False


class Processes:
    """Two keepers as processes of their own, with time from the test's server."""

    def __init__(self, time_server: str) -> None:
        self.time_server, self.running = time_server, list[subprocess.Popen[str]]()

    def start(self, folder: Path, port: int) -> None:
        self.running.append(subprocess.Popen(
            [sys.executable, "-m", "testing_server.preparation.release.commands", "keeper", "--folder", str(folder),
             "--port", str(port), "--time-server", self.time_server], stdout=subprocess.PIPE, text=True))

    def wait_up(self) -> None:
        for one in self.running:
            assert one.stdout is not None and "http://" in one.stdout.readline()

    def stop(self) -> None:
        for one in self.running:
            one.kill()
            one.wait()
            if one.stdout is not None:
                one.stdout.close()


def test_keepers_as_processes_and_a_kit_without_the_hub(tmp_path: Path, time_server: str) -> None:
    """The whole of it with real clocks: refused, given at the hour; afterwards two people open the kit."""
    keys, ports = make_hub_keys(tmp_path / "hub" / "keys", 0), (find_free_port(), find_free_port())
    cards = [make_holder(tmp_path / name, name, "keeper", f"http://127.0.0.1:{port}")
             for name, port in zip(("keeper-a", "keeper-b"), ports, strict=True)]
    cards += [make_holder(tmp_path / name, name, "coordinator") for name in ("anna", "boris")]
    for folder in (tmp_path / "hub" / "keys", tmp_path / "keeper-a", tmp_path / "keeper-b"):
        write_roll(folder / ROLL, Roll(keys.root_fingerprint, tuple(cards)))
    processes = Processes(time_server)
    for name, port in zip(("keeper-a", "keeper-b"), ports, strict=True):
        processes.start(tmp_path / name, port)
    hub = make_hub(tmp_path, SystemClock(), release_trust="holders")  # type: ignore[arg-type]
    try:
        archive = seal_until(hub, SystemClock().now_ms() + 3000).materials.archive
        processes.wait_up()
        with pytest.raises(NotYet) if SystemClock().now_ms() < slot_of(hub, archive).opens_at_ms - 500 else (
                pytest.MonkeyPatch.context()):
            release_cipher(hub.offered, archive, None, "x")
        deadline = time.monotonic() + 60
        while SystemClock().now_ms() < slot_of(hub, archive).opens_at_ms and time.monotonic() < deadline:
            time.sleep(0.05)
        assert read_cipher(release_cipher(hub.offered, archive, None, "x").cipher)
        assert read_key(tmp_path / "anna" / "holder.key").name == "anna"
    finally:
        processes.stop()
        close_app(hub.app)
