"""A cipher by telephone takes two people, comes only after the hour, and is told of afterwards."""
import io
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from testing_server.contracts.check_digits import cipher_groups
from testing_server.foundation.accounts.actions import change_password, reset_password
from testing_server.foundation.accounts.hands import ISSUE_COUNTS_MS
from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.audit import read_audit
from testing_server.preparation.holders.roll import KEY
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.release.commands import COMMANDS
from testing_server.preparation.release.kits import BadKit, open_kit, read_kit
from testing_server.preparation.release.queries import list_told
from testing_server.preparation.release.watching import look_at_keepers, run_round
from tests.builders import PASSWORD, Browser, save_account
from tests.testing_server.preparation.holders.make_holders import Band
from tests.testing_server.preparation.holders.test_holders_release import HOUR_MS, SECOND, seal_until, slot_of
from tests.testing_server.preparation.make_hub import Hub

pytestmark = pytest.mark.usefixtures("quick_passwords")
PAGE, RELEASES = "/coordinator/telephone", "/coordinator/releases"
DAY = "2026-11-20"


def person(hub: Hub, login: str, **details: Any) -> Browser:
    return hub.browser(login, "coordinator", **details)


def upload(browser: Browser, address: str, data: bytes, page: str = RELEASES) -> TestResponse:
    return browser.post(address, {"file": (io.BytesIO(data), "file.json")}, page=page,
                        content_type="multipart/form-data")


def test_two_coordinators_read_a_half_each_and_only_after_the_hour(hub: Hub, band: Band) -> None:
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS)
    anna, boris, vera = (person(hub, name) for name in ("anna", "boris", "vera"))
    form = {"archive": pair.materials.archive, "school": "sch330001", "reason": "Обрыв связи"}
    hub.clock.advance(HOUR_MS - SECOND)
    for one, login in ((anna, "anna"), (boris, "boris"), (vera, "vera")):
        one.sign_in(login)
    assert anna.post(PAGE, form, page=PAGE).status_code == 403
    assert "шифр откроется" in anna.get(f"{PAGE}?school=sch330001").text
    hub.clock.advance(SECOND)
    assert anna.post(PAGE, form | {"reason": " "}, page=PAGE).status_code == 422
    assert anna.post(PAGE, form, page=PAGE).status_code == 302
    told, = hub.read(list_told, None)
    digits = f"{PAGE}/{told.id}/digits"
    assert anna.post(digits, page=PAGE).status_code == 409, "nobody approved"
    assert anna.post(f"{PAGE}/{told.id}/approve", page=PAGE).status_code == 409, "the same person"
    assert boris.post(f"{PAGE}/{told.id}/approve", page=PAGE).status_code == 302
    assert vera.post(f"{PAGE}/{told.id}/approve", page=PAGE).status_code == 409
    mine, theirs, strange = (one.post(digits, page=PAGE) for one in (anna, boris, vera))
    groups = cipher_groups(release_cipher(hub.offered, pair.materials.archive, None, "x").cipher)
    assert [group in mine.text for group in groups] == [True] * 3 + [False] * 3
    assert [group in theirs.text for group in groups] == [False] * 3 + [True] * 3
    # the numbers of the groups are drawn by the style sheet
    assert "cipher-second" in theirs.text and "cipher-second" not in mine.text
    assert (strange.status_code, mine.headers["Cache-Control"]) == (403, "no-store")
    assert not any(group in strange.text for group in groups)
    lines = hub.read(read_audit, f"school:{told.school}")
    assert [(line.actor, line.verb) for line in lines if line.verb.startswith("telephone")] == [
        ("anna", "telephone_asked"), ("boris", "telephone_approved"), ("anna", "telephone_read"),
        ("boris", "telephone_read")]
    assert not any(group in repr(lines) for group in groups)


def test_what_was_told_is_held_against_what_was_fetched(hub: Hub, band: Band) -> None:
    pair = seal_until(hub, hub.clock.now_ms())
    anna, boris = person(hub, "anna"), person(hub, "boris")
    anna.post(PAGE, {"archive": pair.materials.archive, "reason": "Нет связи"}, page=PAGE)
    told, = hub.read(list_told, None)
    boris.post(f"{PAGE}/{told.id}/approve", page=PAGE)
    anna.post(f"{PAGE}/{told.id}/digits", page=PAGE)
    row, = hub.read(list_told, None)
    assert (row.is_read, row.fetched_at_ms) == (False, None)
    assert "ещё нет" in anna.get(PAGE).text
    boris.post(f"{PAGE}/{told.id}/digits", page=PAGE)
    release_cipher(hub.offered, pair.materials.archive, told.school, "school")
    row, = hub.read(list_told, None)
    assert row.is_read and row.fetched_at_ms == hub.clock.now_ms()


def test_other_territories_hear_nothing(hub: Hub, band: Band) -> None:
    pair = seal_until(hub, hub.clock.now_ms())
    anna, far = person(hub, "anna"), person(hub, "far", territory="Камчатский край")
    anna.post(PAGE, {"archive": pair.materials.archive, "reason": "Нет связи"}, page=PAGE)
    told, = hub.read(list_told, None)
    for address in (f"{PAGE}/{told.id}/approve", f"{PAGE}/{told.id}/digits"):
        assert far.post(address, page=PAGE).status_code == 404
    assert far.post(PAGE, {"archive": pair.materials.archive, "reason": "x"}, page=PAGE).status_code == 404
    assert "Такой школы нет" in far.get(f"{PAGE}?school=sch330001").text
    assert "Школа № 1" not in far.get(PAGE).text and "Школа № 1" not in far.get(RELEASES).text
    assert far.get(f"{RELEASES}/kits/{DAY}.json").status_code == 404


def approve(hub: Hub, asking: str, second: str, archive: str) -> int:
    """Status of the second one's approval of what the first has asked."""
    # the codes of the telephones are good once
    hub.clock.advance(SECOND * 60)
    browsers = [Browser(hub.app.test_client()) for _ in range(2)]
    for browser, login in zip(browsers, (asking, second), strict=True):
        assert browser.sign_in(login).status_code == 302
    assert browsers[0].post(PAGE, {"archive": archive, "reason": "Нет связи"}, page=PAGE).status_code == 302
    told = next(one for one in hub.read(list_told, None) if one.asked_by == asking and one.approved_by is None)
    return browsers[1].post(f"{PAGE}/{told.id}/approve", page=PAGE).status_code


def give_password(hub: Hub, login: str, by: str) -> None:
    """As a coordinator above does it; the person has made an own one of it since."""
    def act(session: Session, now_ms: int) -> None:
        password = reset_password(session, now_ms, login, by)
        account = find_account(session, login)
        assert account is not None
        change_password(session, now_ms, account.id, password, PASSWORD)
    hub.write(act)


def test_whoever_gave_the_second_password_is_not_both_coordinators(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms()).materials.archive
    for login in ("anna", "boris", "vera"):
        person(hub, login)
    save_account(hub.app, "puppet", "coordinator", by="anna")
    assert approve(hub, "anna", "puppet", archive) == 409, "anna has made that account"
    give_password(hub, "boris", "anna")
    assert approve(hub, "anna", "boris", archive) == 409
    assert approve(hub, "boris", "anna", archive) == 409, "whoever of the two asks"
    assert approve(hub, "anna", "vera", archive) == 302
    give_password(hub, "vera", "anna")
    assert approve(hub, "vera", "boris", archive) == 409, "both are anna's hand"
    assert not any(one.is_read for one in hub.read(list_told, None))
    hub.clock.advance(ISSUE_COUNTS_MS)
    assert approve(hub, "anna", "boris", archive) == 302
    assert approve(hub, "anna", "puppet", archive) == 409, "made by anna for ever"


def test_a_password_given_after_the_approval_reads_no_half(hub: Hub, band: Band) -> None:
    archive = seal_until(hub, hub.clock.now_ms()).materials.archive
    for login in ("anna", "boris"):
        person(hub, login)
    assert approve(hub, "anna", "boris", archive) == 302
    told, = hub.read(list_told, None)
    give_password(hub, "boris", "anna")
    hub.clock.advance(SECOND * 60)
    stolen = Browser(hub.app.test_client())
    stolen.sign_in("boris")
    reply = stolen.post(f"{PAGE}/{told.id}/digits", page=PAGE)
    assert reply.status_code == 409 and "может держать один человек" in reply.text
    row, = hub.read(list_told, None)
    assert not row.is_read


def test_two_holders_and_a_kit_need_no_hub(hub: Hub, band: Band, tmp_path: Any) -> None:
    pair = seal_until(hub, hub.clock.now_ms())
    anna = person(hub, "anna")
    data = anna.get(f"{RELEASES}/kits/{DAY}.json").data
    cipher = release_cipher(hub.offered, pair.materials.archive, None, "x").cipher
    assert cipher.encode() not in data and b"AGE-SECRET-KEY" not in data
    keys = [band.key(name) for name in ("anna", "keeper-a")]
    with pytest.raises(BadKit, match="second"):
        open_kit(read_kit(data), keys[:1])
    assert {one.work.kind: one.cipher for one in open_kit(read_kit(data), keys)}["materials"] == cipher
    (tmp_path / "kit.json").write_bytes(data)
    open_command = next(one for one in COMMANDS if one.name == "open-kit")
    told = tmp_path / "told.json"
    ran = CliRunner().invoke(open_command, [
        str(tmp_path / "kit.json"), "--told", str(told), "--school", "sch330001",
        *(part for name in ("boris", "vera") for part in ("--key", str(band.folder / name / KEY)))])
    assert ran.exit_code == 0 and "  ".join(cipher_groups(cipher)) in ran.output, ran.output
    assert cipher.encode() not in told.read_bytes()
    upload(anna, f"{PAGE}/kit", told.read_bytes(), PAGE)
    assert upload(anna, f"{PAGE}/kit", told.read_bytes(), PAGE).status_code == 302
    rows = hub.read(list_told, None)
    assert [(row.source, row.is_read) for row in rows] == [("kit", True)] * 2
    for rubbish in (b"", b"[]", b"{}", b'{"format": "told/1", "at_ms": "x", "archives": 3}',
                    b'{"format": "told/1", "at_ms": Infinity, "archives": []}'):
        assert upload(anna, f"{PAGE}/kit", rubbish, PAGE).status_code == 422


def test_halves_and_postponements_come_as_files_of_the_tool(hub: Hub, band: Band, tmp_path: Any) -> None:
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS)
    slot, anna = slot_of(hub, pair.materials.archive), person(hub, "anna")
    group = next(one for one in COMMANDS if one.name == "holders")
    (tmp_path / "slot.json").write_bytes(anna.get(f"{RELEASES}/{slot.id}/slot.json").data)

    def sign(name: str) -> bytes:
        out = tmp_path / f"{name}.json"
        ran = CliRunner().invoke(group, [
            "sign-postponement", str(tmp_path / "slot.json"), "--key", str(band.folder / name / KEY), "--to",
            "2026-11-20T14:00+03:00", "--reason", "Авария", "--out", str(out)])
        assert ran.exit_code == 0, ran.output
        return out.read_bytes()
    later = 1795172400000
    address = f"{RELEASES}/{slot.id}/postponement"
    for rubbish in (b"", b"{}", b"[1]"):
        assert upload(anna, address, rubbish).status_code == 422
    upload(anna, address, sign("anna"))
    assert slot_of(hub, pair.materials.archive).opens_at_ms == slot.opens_at_ms
    upload(anna, address, sign("boris"))
    moved = slot_of(hub, pair.materials.archive)
    assert (moved.opens_at_ms, moved.sealed_hour_ms) == (later, slot.opens_at_ms)
    assert "час перенесён" in anna.get(RELEASES).text
    early = CliRunner().invoke(group, ["open-half", str(tmp_path / "slot.json"), "--key",
                                       str(band.folder / "anna" / "nothing.key")])
    assert early.exit_code == 2
    assert upload(anna, f"{RELEASES}/{slot.id}/halves", b"{}").status_code == 422


def test_a_slot_the_hub_holds_itself_is_never_given_as_a_file(hub: Hub, band: Band) -> None:
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS)
    anna, folder = person(hub, "anna"), hub.offered.settings.data / "slots"
    slot = slot_of(hub, pair.materials.archive).id
    (folder / f"{slot}.json").write_text('{"format": "slot/1", "identity": "AGE-SECRET-KEY-1", "opens_at_ms": 1}')
    for address in (f"{RELEASES}/{slot}/slot.json", f"{RELEASES}/{'0' * 64}/slot.json", f"{RELEASES}/..%2f/slot.json"):
        assert anna.get(address).status_code == 404
    (folder / f"{slot}.json").unlink()
    assert anna.get(RELEASES).status_code == 200


def test_the_page_says_who_could_read_early_and_warns_before_the_hour(hub: Hub, band: Band) -> None:
    pair = seal_until(hub, hub.clock.now_ms() + HOUR_MS // 2)
    anna = person(hub, "anna")
    assert "хранители ключа не ответили" in anna.get("/coordinator/readiness").text
    assert run_round(hub.offered).stuck == (slot_of(hub, pair.criteria.archive).id,)
    assert look_at_keepers(hub.offered).stuck == (), "what is due was opened before any school asked"
    page = anna.get("/coordinator/readiness").text
    assert "никто в одиночку" in page and 'class="trouble"' not in page
    band.keepers["keeper-b"].stop()
    page = anna.get("/coordinator/readiness").text
    assert "До часа меньше шестидесяти минут" in page and "не отвечает" in page
    for _ in range(2):
        run_round(hub.offered)
    lines = [(line.verb, line.details) for line in hub.read(read_audit, "hub") if line.verb.startswith("keepers")]
    assert lines[-1] == ("keepers_silent", {"keeper-b": "silent"}) and len(lines) == 1
