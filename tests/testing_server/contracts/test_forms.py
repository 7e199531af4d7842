"""Digits, statements, events, states and versions: what is accepted and, above all, what is refused."""

from __future__ import annotations

import json
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from audio.speech_quality import Verdict as HeardVerdict
from testing_server.contracts import check_digits, pairing, plays, receipt_code, states, timers, verdicts, versions
from testing_server.contracts.canonical import FloatInStatement, encode_canonical
from testing_server.contracts.events import check_chain, digest_of, read_event, write_event
from testing_server.contracts.refusals import (
    BadEvent, BadSignature, BadStatement, BrokenChain, MoveRefused, NumberWrong, UnknownKey)
from testing_server.contracts.statements import key_id_of, public_bytes, sign_statement, verify_statement
from tests.testing_server.contracts.make_events import make_answer, make_event, make_opening

TYPE = versions.PAYLOAD_TYPES["receipt"]


def test_damm_knows_the_published_example() -> None:
    assert check_digits.damm_digit("572") == "4" and check_digits.is_checked("5724")


@given(st.integers(0, 2**32), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_of_a_login_is_always_caught(seed: int, place: int, shift: int) -> None:
    login = check_digits.make_login(random.Random(seed).randrange)
    wrong = login[:place] + str((int(login[place]) + shift) % 10) + login[place + 1:]
    assert check_digits.read_login(check_digits.show_login(login)) == login
    with pytest.raises(NumberWrong):
        check_digits.read_login(wrong)


def test_the_wrong_group_of_a_cipher_is_named() -> None:
    cipher = check_digits.make_cipher(random.Random(5).randrange)
    groups = check_digits.cipher_groups(cipher)
    groups[2] = str((int(groups[2]) + 1) % 100_000).zfill(5)
    with pytest.raises(NumberWrong) as refusal:
        check_digits.read_cipher(" ".join(groups))
    assert refusal.value.group == 3


@pytest.mark.parametrize("typed", ["", "1234", "абвгдежз", "１２３４５６７８", "1234-567"])
def test_rubbish_is_no_login(typed: str) -> None:
    with pytest.raises(NumberWrong):
        check_digits.read_login(typed)


def test_a_signed_statement_is_read_only_with_a_trusted_key_and_type() -> None:
    key, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    envelope = sign_statement({"package": "p"}, TYPE, key)
    trusted = {key_id_of(public_bytes(key)): public_bytes(key)}
    assert verify_statement(envelope, trusted, TYPE).read() == {"package": "p"}
    with pytest.raises(UnknownKey):
        verify_statement(sign_statement({}, TYPE, stranger), trusted, TYPE)
    with pytest.raises(BadStatement):
        verify_statement(envelope, trusted, versions.PAYLOAD_TYPES["claim"])


def test_a_changed_payload_is_a_bad_signature() -> None:
    key = Ed25519PrivateKey.generate()
    envelope = json.loads(sign_statement({"points": 1}, TYPE, key))
    envelope["payload"] = json.loads(sign_statement({"points": 9}, TYPE, key))["payload"]
    with pytest.raises(BadSignature):
        verify_statement(json.dumps(envelope).encode(), {key_id_of(public_bytes(key)): public_bytes(key)}, TYPE)


@pytest.mark.parametrize("envelope", [b"", b"[]", b"{}", b'{"payload":"?","payloadType":"x","signatures":[]}'])
def test_rubbish_is_no_statement(envelope: bytes) -> None:
    with pytest.raises(BadStatement):
        verify_statement(envelope, {}, TYPE)


def test_nothing_signed_holds_a_float() -> None:
    with pytest.raises(FloatInStatement):
        encode_canonical({"points": [1, {"share": 0.5}]})


def test_an_event_survives_its_line() -> None:
    event = make_answer(1025, 2, "q", "Ответ", "10:01")
    assert read_event(write_event(event)) == event


@pytest.mark.parametrize("event", [
    make_event(0, 1, "item_left", "10:00", item="i"),
    make_event(1, 0, "item_left", "10:00", item="i"),
    make_event(1, 1, "item_left", "10:00"),
    make_event(1, 1, "answer_set", "10:00", item="i", response="r", value=[1]),
    make_event(1, 1, "timer_started", "10:00", timer="work", allotted_ms=1.5),
    make_event(1, 1, "answer_set", "10:00", item="i", response="r", value="я" * 60_000),
    make_event(1, 1, "recording_gap", "10:00", started=[1], at_sample=0, lost_ms=1, reason="r"),
])
def test_a_malformed_event_is_not_written(event: object) -> None:
    with pytest.raises(BadEvent):
        write_event(event)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", [b"", b"null", b"[1]", b'{"attempt":1}', b"{" * 2000, b"\xff"])
def test_rubbish_is_no_event(line: bytes) -> None:
    with pytest.raises(BadEvent):
        read_event(line)


def test_a_hole_breaks_the_chain() -> None:
    first = write_event(make_opening(1025, "10:00"))
    unchained = write_event(make_answer(1025, 2, "q", "A", "10:01"))
    assert check_chain([first], "0" * 64) == digest_of(first)
    with pytest.raises(BrokenChain):
        check_chain([first, unchained], "0" * 64)


def test_every_state_named_as_a_target_has_a_row() -> None:
    for thing, moves in states.THINGS.items():
        targets = set().union(*moves.values())
        assert targets <= set(moves), f"{thing}: {targets - set(moves)}"


def test_a_move_not_listed_is_refused() -> None:
    states.check_move("sitting", "running", "paused")
    with pytest.raises(MoveRefused):
        states.check_move("sitting", "draft", "running")


def test_an_interrupted_hearing_resumes_two_seconds_back_and_a_third_is_refused() -> None:
    broken = [plays.PlayState(1, ended=True), plays.PlayState(2, position_ms=7000)]
    assert plays.next_play(broken, 2).position_ms == 5000
    with pytest.raises(plays.NoPlaysLeft):
        plays.next_play([plays.PlayState(1, ended=True), plays.PlayState(2, ended=True)], 2)


def test_outages_under_ten_seconds_are_none_and_long_ones_are_credited_to_the_limit() -> None:
    assert timers.credit_outage(0, 9_000, 300_000) is None
    assert timers.credit_outage(0, 60_000, 300_000) == (0, 60_000)
    assert timers.credit_outage(0, 900_000, 300_000) == (600_000, 900_000)


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), max_size=4))
def test_stopped_time_never_makes_the_clock_run(now: int, raw: list) -> None:
    stopped = [(min(span), max(span)) for span in raw]
    elapsed = timers.exam_elapsed_ms(0, now, stopped, [])
    assert 0 <= elapsed <= now


def test_a_man_in_the_middle_gets_another_pairing_code() -> None:
    nonces, key = (b"k" * 32, b"s" * 32), b"p" * 32
    assert pairing.pairing_code(*nonces, b"f" * 32, key) != pairing.pairing_code(*nonces, b"F" * 32, key)
    with pytest.raises(ValueError):
        pairing.pairing_code(b"short", b"s" * 32, b"f" * 32, key)


def test_the_receipt_does_not_depend_on_order_but_on_every_digest() -> None:
    one = receipt_code.make_receipt_code({2: (5, "b"), 1: (3, "a")}, ["x", "y"])
    assert one == receipt_code.make_receipt_code({1: (3, "a"), 2: (5, "b")}, ["y", "x"])
    assert one != receipt_code.make_receipt_code({1: (3, "a"), 2: (6, "b")}, ["y", "x"])
    assert one == receipt_code.make_receipt_code({1: (3, "a"), 2: (5, "b")}, ["y", "", "x"])
    assert len(one) == 20 and not set(one) & set("ILOU")


RECEIPT = receipt_code.make_receipt_code({1: (3, "a")}, ["x"])


def test_a_receipt_is_read_as_people_type_it() -> None:
    shown = receipt_code.show_receipt_code(RECEIPT)
    assert [len(group) for group in shown.split("-")] == [5, 5, 5, 5, 2]
    cyrillic = shown.translate(str.maketrans("0ABEKMHPCTYX1", "ОАВЕКМНРСТУХL")).lower()
    for typed in (shown, shown.lower().replace("-", " "), cyrillic):
        assert receipt_code.read_receipt_code(typed) == RECEIPT


@given(st.integers(0, 21), st.sampled_from(receipt_code.CROCKFORD))
def test_one_wrong_character_is_noticed_and_its_group_named(place: int, sign: str) -> None:
    signs = receipt_code.show_receipt_code(RECEIPT).replace("-", "")
    assume(signs[place] != sign)
    with pytest.raises(NumberWrong) as caught:
        receipt_code.read_receipt_code(signs[:place] + sign + signs[place + 1:])
    assert caught.value.group == place // 5 + 1


@given(st.lists(st.tuples(st.integers(0, 21), st.sampled_from(receipt_code.CROCKFORD)), min_size=2, max_size=2))
def test_two_wrong_characters_are_noticed(changes: list[tuple[int, str]]) -> None:
    signs = list(receipt_code.show_receipt_code(RECEIPT).replace("-", ""))
    before = list(signs)
    for place, sign in changes:
        signs[place] = sign
    assume(signs != before)
    with pytest.raises(NumberWrong):
        receipt_code.read_receipt_code("".join(signs))


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 22, "\u0660" * 22, "A" * 23])
def test_what_is_no_receipt_is_refused(typed: str) -> None:
    with pytest.raises(NumberWrong):
        receipt_code.read_receipt_code(typed)


def test_versions_meet_at_the_highest_common_minor() -> None:
    assert versions.common_version(("1.0", "1.3"), ("1.1", "1.2")) == "1.2"
    assert versions.common_version(("1.0", "1.3"), ("2.0", "2.2")) is None


def test_sound_and_contracts_use_the_same_words() -> None:
    assert {word.value for word in HeardVerdict} == {word.value for word in verdicts.Verdict}
