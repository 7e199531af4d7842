"""A whole drill, small: two robots, a real archive, a seat killed, a cable pulled, the server lost and another in its
place."""
from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from task_bank.sealing import Entry
from testing_server.contracts.rehearsals import Count, FaultKind, Rehearsal, judge_rehearsal
from testing_server.rehearsal.drill import command
from testing_server.rehearsal.drill.command import rehearse, verify, write_certificate
from testing_server.rehearsal.drill.drill import Asked, run_drill
from testing_server.rehearsal.drill.progress import Progress
from testing_server.rehearsal.drill.stage import NoArchive, read_archive
from tests.testing_server.exam_day.builders import (
    SealedForTest, make_assessment, make_entries, make_item, seal_for_test)

WRITTEN = 10
FAULTS = (FaultKind.SEAT_KILL, FaultKind.LINK_CUT, FaultKind.SERVER_LOST)


def seal_small_work(folder: Path) -> SealedForTest:
    """Short answers and a spoken one, as a hub would have sealed them."""
    folder.mkdir()
    items = [make_item(number) for number in range(1, WRITTEN + 1)] + [make_item(WRITTEN + 1, "speaking")]
    work = make_assessment(sound_check=False, positions=[
        {"number": item["position"], "title": item["title"], "kind": item["kind"], "points": 1} for item in items])
    variant = {"format": "variant/1", "number": "10001", "assessment": "english-7", "items": items}
    media = [one for one in make_entries(()) if one.name.startswith("media")]
    return seal_for_test(folder, [Entry("assessment.json", json.dumps(work).encode()), *media,
                                  Entry("variants/10001.json", json.dumps(variant).encode())],
                         Ed25519PrivateKey.generate())


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    folder = tmp_path_factory.mktemp("drill")
    sealed = seal_small_work(folder / "archive")
    asked = Asked(folder / "room", 2, FAULTS, pace=60, answer_s=1.0, fault_s=2.0, archive=sealed.folder,
                  cipher=sealed.cipher, school_name="Школа № 7")
    asked.folder.mkdir()
    with ExitStack() as stack:
        return run_drill(asked, Progress(is_json=True), stack)


def test_a_small_drill_loses_nothing(drilled: Rehearsal) -> None:
    assert (drilled.verdict, drilled.lost, drilled.seats, drilled.pace) == ("kept", 0, 2, 60), drilled
    assert {trial.kind: trial.outcome for trial in drilled.trials} == {one: "endured" for one in FAULTS}, drilled
    counts = {count.what: (count.sent, count.kept) for count in drilled.counts}
    assert counts["answers"] == (2 * WRITTEN + 2, 2 * WRITTEN + 2) and counts["works"] == (2, 2)
    assert counts["recordings"][0] == counts["recordings"][1] >= 2
    sent, kept = counts["facts"]
    # two orders to two seats, an incident, who sits where, and the audit of it all
    assert sent == kept >= 10
    assert drilled.speed.longest_ms is not None and drilled.speed.longest_ms > 500


def test_its_certificate_is_verified_by_command(drilled: Rehearsal, tmp_path: Path) -> None:
    sheet = write_certificate(drilled, Ed25519PrivateKey.generate(), tmp_path)
    said = CliRunner().invoke(verify, [str(sheet), "--key", str(sheet.with_suffix(".pub"))])
    assert said.exit_code == 0 and "Подпись верна" in said.output and "lost: 0" in said.output
    unknown = CliRunner().invoke(verify, [str(sheet), "--key", "ab" * 32])
    assert unknown.exit_code == 1 and "не знают" in unknown.output
    sheet.write_bytes(sheet.read_bytes().replace(b"/Title", b"/Titel", 1))
    changed = CliRunner().invoke(verify, [str(sheet), "--key", str(sheet.with_suffix(".pub"))])
    assert changed.exit_code == 1 and "ЛИСТ МЕНЯЛИ" in changed.output


@pytest.mark.parametrize("words,said", [
    (["--faults", "server-kill,flood"], "flood"), (["--seats", "0"], "--seats"), (["--key", "nowhere"], "nowhere")])
def test_what_cannot_be_rehearsed_is_said_at_once(words: list[str], said: str) -> None:
    refused = CliRunner().invoke(rehearse, words)
    assert refused.exit_code != 0 and said in refused.output


def test_a_folder_that_holds_something_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("of somebody")
    refused = CliRunner().invoke(rehearse, ["--data", str(tmp_path), "--faults", "seat-kill"])
    assert refused.exit_code == 1 and "not empty" in refused.output


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"payload": "e30=", "payloadType": "x", "signatures": []}'])
def test_a_folder_without_an_archive_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "statement.json").write_bytes(content)
    with pytest.raises(NoArchive):
        read_archive(tmp_path)


@pytest.mark.parametrize("counts,troubles,code", [
    ((9, 9, 0), [], 0), ((9, 8, 1), [], 1), ((9, 8, 0), [], 1), ((9, 9, 0), ["place 2: failed"], 1)])
def test_the_exit_code_says_whether_all_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, drilled: Rehearsal,
                                                counts: tuple[int, int, int], troubles: list[str], code: int) -> None:
    sent, kept, lost = counts
    found = [Count(what="events", sent=sent, kept=kept, lost=lost)]
    told = msgspec.structs.replace(drilled, counts=found, troubles=troubles,
                                   verdict=judge_rehearsal(found, drilled.trials, troubles))
    monkeypatch.setattr(command, "run", lambda asked, progress: told)
    monkeypatch.setattr(command, "prepare_process", lambda parent: None)
    done = CliRunner().invoke(rehearse, ["--faults", "seat-kill", "--out", str(tmp_path / "out"), "--data",
                                         str(tmp_path / "data")])
    assert (done.exit_code, f"lost: {lost}" in done.output) == (code, True), done.output
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 1
