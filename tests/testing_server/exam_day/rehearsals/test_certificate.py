"""A certificate says what was signed, on paper too; everything else is refused."""
from __future__ import annotations

import base64
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings, strategies

from testing_server.contracts.refusals import BadSignature, BadStatement, UnknownKey
from testing_server.contracts.rehearsals import Count, Trial, judge_rehearsal, read_rehearsal, sign_rehearsal
from testing_server.contracts.statements import public_bytes, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.rehearsals.certificate import (
    MARK, NotCertificate, SheetChanged, find_envelope, trust_key, verify_certificate, write_sheet)
from tests.testing_server.exam_day.rehearsals.make_rehearsal import make_rehearsal

KEY, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
TRUSTED = trust_key(public_bytes(KEY))
ENVELOPE = sign_rehearsal(make_rehearsal(), KEY)
SHEET = write_sheet(ENVELOPE)


@pytest.mark.parametrize("file", [ENVELOPE, SHEET])
def test_a_certificate_is_verified_as_file_and_as_sheet(file: bytes) -> None:
    assert verify_certificate(file, TRUSTED).rehearsal == make_rehearsal()


def test_the_sheet_shows_what_was_signed() -> None:
    from io import BytesIO

    from pypdf import PdfReader
    page, = PdfReader(BytesIO(SHEET)).pages
    text = page.extract_text()
    assert all(one in text for one in ("Школа № 7", "Всё обещанное сохранено", "800", "не пробовали", "9,2 с"))


def test_the_same_statement_gives_the_same_sheet() -> None:
    assert write_sheet(ENVELOPE) == SHEET


def test_a_figure_changed_on_the_sheet_is_found() -> None:
    forged = SHEET.partition(MARK)[0].replace(b"/Title", b"/Titel", 1) + MARK + SHEET.partition(MARK)[2]
    assert forged != SHEET
    with pytest.raises(SheetChanged):
        verify_certificate(forged, TRUSTED)


def test_another_sheet_over_a_true_statement_is_found() -> None:
    worse = sign_rehearsal(make_rehearsal(counts=[Count(what="events", sent=9, kept=8, lost=1)], verdict="lost"), KEY)
    forged = SHEET.partition(MARK)[0] + MARK + base64.b64encode(worse) + b"\n"
    with pytest.raises(SheetChanged):
        verify_certificate(forged, TRUSTED)


def test_a_changed_statement_has_no_signature() -> None:
    told = json.loads(ENVELOPE)
    payload = base64.b64decode(told["payload"]).replace(b'"sent":800', b'"sent":801').replace(
        b'"kept":800', b'"kept":801')
    told["payload"] = base64.b64encode(payload).decode()
    with pytest.raises(BadSignature):
        verify_certificate(json.dumps(told).encode(), TRUSTED)


def test_a_strangers_signature_is_no_signature() -> None:
    with pytest.raises(UnknownKey):
        verify_certificate(sign_rehearsal(make_rehearsal(), STRANGER), TRUSTED)


def test_a_statement_of_another_kind_is_no_certificate() -> None:
    roster = sign_statement(msgspec.to_builtins(make_rehearsal()), PAYLOAD_TYPES["roster"], KEY)
    with pytest.raises(BadStatement):
        verify_certificate(roster, TRUSTED)


@pytest.mark.parametrize("file", [
    b"", b"{}", b"%PDF-1.4 nothing", SHEET.replace(MARK, b"\n%"), SHEET + MARK + b"e30=", b"%PDF" + MARK + b"***",
    b"x" * 200_000])
def test_what_is_no_certificate_is_refused(file: bytes) -> None:
    with pytest.raises(BadStatement):
        verify_certificate(file, TRUSTED)


@settings(max_examples=60, deadline=None)
@given(strategies.binary(max_size=300))
def test_rubbish_is_refused_by_name(rubbish: bytes) -> None:
    for file in (rubbish, b"%PDF" + rubbish, b"%PDF" + MARK + rubbish):
        with pytest.raises(BadStatement):
            verify_certificate(file, TRUSTED)


def test_a_sheet_too_large_is_not_searched() -> None:
    with pytest.raises(NotCertificate):
        find_envelope(b"%PDF" + b" " * (5 * 1024 * 1024) + MARK + b"e30=")


def count(lost: int = 0, kept: int = 5) -> list[Count]:
    return [Count(what="events", sent=5, kept=kept, lost=lost)]


NONSENSE: list[dict[str, object]] = [
    {"format": "rehearsal/2"}, {"seats": 0}, {"verdict": "lost"}, {"ended_at_ms": 1}, {"counts": count(0, 4)},
    {"counts": count(0, 6)}, {"counts": count(1, 4)}, {"counts": count(0, -1)}, {"troubles": ["place 3 failed"]},
    {"trials": [Trial(kind="link-cut", where="1", outcome="stuck")]}]


@pytest.mark.parametrize("changes", NONSENSE)
def test_a_statement_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadStatement):
        read_rehearsal(msgspec.json.encode(make_rehearsal(**changes)))


@pytest.mark.parametrize("counts,outcome,troubles,verdict", [
    (count(), "endured", [], "kept"), (count(), "not_tried", [], "kept"), (count(1, 4), "endured", [], "lost"),
    (count(1, 4), "stuck", ["x"], "lost"), (count(), "stuck", [], "unfinished"),
    (count(0, 4), "endured", [], "unfinished"), (count(), "endured", ["a seat failed"], "unfinished")])
def test_one_word_for_the_whole(counts: list[Count], outcome: str, troubles: list[str], verdict: str) -> None:
    assert judge_rehearsal(counts, [Trial(kind="x", where="1", outcome=outcome)], troubles) == verdict
