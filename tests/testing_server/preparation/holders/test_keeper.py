"""A keeper believes its own synchronised clock, its hub's signature, two coordinators, and nobody else."""
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.foundation.clock import FakeClock
from testing_server.preparation.holders.asking import Asker, KeeperSilent, ask_state
from testing_server.preparation.holders.keeping import Keeper, KeeperRefused
from testing_server.preparation.holders.messages import Question, sign_postponement, sign_question
from testing_server.preparation.release.slots import HeldSlot, obtain_slot, read_held_slot
from tests.testing_server.preparation.holders.make_holders import Band
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub

HOUR_MS = MOMENT_MS + 3_600_000
SECOND = 1000


@pytest.fixture
def slot(hub: Hub, band: Band) -> HeldSlot:
    folder = hub.offered.settings.data / "slots"
    found = read_held_slot(folder, obtain_slot(folder, "c", "a", HOUR_MS, band.roll.holders).id)
    assert found is not None
    return found


def ask(hub: Hub, band: Band, slot: HeldSlot, name: str = "keeper-a", late_ms: int = 0) -> int:
    """How many halves the keeper gave; late_ms: how wrong the hub's clock is."""
    holder = next(one for one in band.roll.holders if one.name == name)
    asker = Asker(hub.keys.signing, hub.keys.statement)
    return len(asker.ask_halves(holder, slot.id, HOUR_MS, slot.halves_of(name), hub.clock.now_ms() + late_ms))


def refused(hub: Hub, band: Band, slot: HeldSlot, **changes: int) -> str:
    with pytest.raises(KeeperSilent) as silent:
        ask(hub, band, slot, **changes)  # type: ignore[arg-type]
    return silent.value.code


def test_halves_are_refused_a_second_early_and_given_at_the_hour(hub: Hub, band: Band, slot: HeldSlot) -> None:
    hub.clock.advance(HOUR_MS - SECOND - MOMENT_MS)
    assert refused(hub, band, slot) == "not_yet"
    hub.clock.advance(SECOND)
    assert ask(hub, band, slot) == 4
    folder = band.folder / "keeper-a"
    assert "half" not in (folder / "seen.json").read_text()


def test_a_hub_that_lies_about_its_clock_gets_nothing(hub: Hub, band: Band, slot: HeldSlot) -> None:
    assert refused(hub, band, slot, late_ms=HOUR_MS - MOMENT_MS) == "clocks_differ"
    hub.clock.advance(HOUR_MS - MOMENT_MS)
    assert refused(hub, band, slot, late_ms=5001) == "clocks_differ"
    assert ask(hub, band, slot, late_ms=-5000) == 4


def test_without_synchronised_time_nothing_is_given(hub: Hub, band: Band, slot: HeldSlot) -> None:
    hub.clock.advance(HOUR_MS - MOMENT_MS)
    band.keepers["keeper-a"].is_synchronised = False
    assert refused(hub, band, slot) == "clock_unsynchronised"
    assert ask_state(band.roll.keepers[0], hub.clock.now_ms(), 5000).code == "clock_unsynchronised"
    assert ask_state(band.roll.keepers[1], hub.clock.now_ms(), 5000).is_well
    assert ask_state(band.roll.keepers[1], hub.clock.now_ms() + 5001, 5000).code == "clocks_differ"


def test_a_clock_that_went_back_gives_nothing_even_after_a_restart(hub: Hub, band: Band, slot: HeldSlot) -> None:
    hub.clock.advance(HOUR_MS - MOMENT_MS)
    assert ask(hub, band, slot) == 4
    hub.clock.jump_wall(-60 * SECOND)
    assert refused(hub, band, slot) == "clock_went_back"
    again = Keeper(band.folder / "keeper-a", hub.clock, lambda now_ms: True)
    with pytest.raises(KeeperRefused, match="clock_went_back"):
        again.read_clock(hub.clock.now_ms())
    assert again.tell_state()["went_back"] is True


def test_nobody_but_the_hub_is_answered(hub: Hub, band: Band, slot: HeldSlot) -> None:
    hub.clock.advance(HOUR_MS - MOMENT_MS)
    keeper = band.keepers["keeper-a"].keeper
    stranger = sign_question(Question(slot.id, "age1", hub.clock.now_ms()), Ed25519PrivateKey.generate())
    for envelope, keys in ((stranger, hub.keys.statement), (b"{}", hub.keys.statement), (stranger, b"rubbish")):
        with pytest.raises(KeeperRefused, match="not_the_hub"):
            keeper.give_halves(envelope, keys, slot.halves_of("keeper-a"))


def test_a_half_of_another_slot_is_not_given_under_this_ones_name(hub: Hub, band: Band, slot: HeldSlot) -> None:
    folder = hub.offered.settings.data / "slots"
    later = read_held_slot(folder, obtain_slot(folder, "c", "a", HOUR_MS + 1, band.roll.holders).id)
    hub.clock.advance(HOUR_MS - MOMENT_MS)
    assert later is not None
    mixed = HeldSlot(slot.id, slot.recipient, HOUR_MS, HOUR_MS, later.pairs)
    assert refused(hub, band, mixed) == "bad_half"


def test_rubbish_over_http_is_refused_in_words(band: Band) -> None:
    client = band.keepers["keeper-a"].app.test_client()
    for path in ("/v1/halves", "/v1/postponements"):
        for body in (b"", b"[]", b'{"halves": 3, "envelopes": 3}', b'{"halves": {"a": "b"}, "envelopes": ["x"]}'):
            answer = client.post(path, data=body, content_type="application/json")
            assert answer.status_code == 403 and answer.get_json()["code"], (path, body)
    assert client.get("/v1/state").get_json()["name"] == "keeper-a"


def sign(band: Band, name: str, slot: str, opens_at_ms: int) -> bytes:
    return sign_postponement(slot, opens_at_ms, "авария", band.key(name).signing)


def test_two_coordinators_move_an_hour_and_only_later(hub: Hub, band: Band, slot: HeldSlot) -> None:
    keeper, later = band.keepers["keeper-a"].keeper, HOUR_MS + 60 * SECOND
    one = sign(band, "anna", slot.id, later)
    for few in ([], [one], [one, one], [one, sign(band, "boris", slot.id, later + 1)],
                [one, sign(band, "boris", "other", later)],
                [one, sign_postponement(slot.id, later, "", Ed25519PrivateKey.generate())]):
        with pytest.raises(KeeperRefused, match="bad_postponement"):
            keeper.raise_hour(few)
    assert keeper.raise_hour([one, sign(band, "boris", slot.id, later)]) == later
    assert keeper.raise_hour([sign(band, name, slot.id, HOUR_MS - 1) for name in ("anna", "vera")]) == later
    hub.clock.advance(HOUR_MS - MOMENT_MS)
    assert refused(hub, band, slot) == "not_yet"
    hub.clock.advance(60 * SECOND)
    assert ask(hub, band, slot) == 4
    assert json.loads((Path(band.folder) / "keeper-a" / "raised.json").read_text()) == {slot.id: later}


def test_a_stopped_keeper_is_told_as_silent(hub: Hub, band: Band, slot: HeldSlot) -> None:
    band.keepers["keeper-b"].stop()
    assert refused(hub, band, slot, name="keeper-b") == "silent"  # type: ignore[arg-type]
    assert ask_state(band.roll.keepers[1], FakeClock().now_ms(), 5000).code == "silent"
