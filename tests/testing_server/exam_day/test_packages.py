"""A package: balance before it, contents that an independent reader finds whole, the way to the hub."""
import hashlib
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pyrage
import pytest
import soundfile
from lxml import etree

from testing_server.contracts.statements import verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.packages.internal import tend_packages
from testing_server.exam_day.packages.jobs import package_path
from testing_server.exam_day.packages.queries import list_packages
from testing_server.exam_day.packages.rules import SoundMissing, StillAtWork
from testing_server.exam_day.sittings.actions import find_sitting
from tests.testing_server.exam_day.builders import Classroom, HubForTest, join_hub, make_open_room, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

RESULT = "{http://www.imsglobal.org/xsd/imsqti_result_v3p0}"


@pytest.fixture
def done_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two candidates have worked and one was absent; the hub is near."""
    room = make_open_room(tmp_path / "data", 3)
    room.hub = join_hub(room, tmp_path / "hub", monkeypatch)
    kiosks = [room.seat(0), room.seat(1)]
    room.start(*kiosks)
    for kiosk in kiosks:
        work(kiosk)
    absent = room.command("absent")
    assert len(absent["told"]) == 1
    yield room
    room.close()


def work(kiosk: FakeKiosk) -> None:
    kiosk.write("timer_started", timer="work", allotted_ms=2_700_000)
    kiosk.write("item_entered", item="i1", stage="answer")
    kiosk.answer("i1", "r1", f"ответ & <{kiosk.seated['code']}>")
    kiosk.record("i2", "r2", make_speech())
    kiosk.write("attempt_finished", reason="candidate")
    kiosk.send()


def settle(room: Classroom) -> None:
    room.sweep()
    room.run_jobs()


def read_tar(room: Classroom, package: str, tmp_path: Path) -> tarfile.TarFile:
    plain = tmp_path / "plain.tar"
    with package_path(room.data, package).open("rb") as sealed, plain.open("wb") as out:
        pyrage.decrypt_io(sealed, out, [room.hub.keys.recipient])
    return tarfile.open(plain, "r:")


def test_a_package_holds_everything_and_every_digest_fits(done_room: Classroom, tmp_path: Path) -> None:
    settle(done_room)
    done_room.close_room()
    package = done_room.pack()
    done_room.run_jobs()
    with read_tar(done_room, package, tmp_path) as tar:
        contents = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
        assert tar.getnames() == sorted(tar.getnames()) and {member.mtime for member in tar} == {0}
    manifest = json.loads(contents["manifest.json"])
    assert package == hashlib.sha256(contents["manifest.json"]).hexdigest()
    assert {entry["path"]: entry["sha256"] for entry in manifest["entries"]} == {
        name: hashlib.sha256(body).hexdigest() for name, body in contents.items() if "manifest" not in name}
    trusted = done_room.room.keys.key().describe_public()["signing"]
    signed = verify_statement(contents["manifest.sig"], {signing_id(trusted): bytes.fromhex(trusted)},
                              PAYLOAD_TYPES["manifest"])
    assert signed.payload == contents["manifest.json"]
    assert manifest["balance"] == {"issued": 3, "finished": 2, "absent": 1, "spoiled": 0, "moved": 0, "missing": [],
                                   "transferred": 0}


def signing_id(public: str) -> str:
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]


def test_sound_and_answers_in_a_package_are_those_of_the_seat(done_room: Classroom, tmp_path: Path) -> None:
    settle(done_room)
    done_room.close_room()
    package = done_room.pack()
    done_room.run_jobs()
    kiosk = done_room.kiosks[0]
    with read_tar(done_room, package, tmp_path) as tar:
        tar.extractall(tmp_path / "files", filter="data")
    manifest = json.loads((tmp_path / "files" / "manifest.json").read_bytes())
    events = (tmp_path / "files" / "events" / f"{kiosk.attempt}.jsonl").read_text().splitlines()
    assert events == kiosk.lines[kiosk.lease]
    recording = next(one for one in manifest["recordings"] if one["attempt"] == kiosk.attempt)
    sound, rate = soundfile.read(tmp_path / "files" / "recordings" / f"{recording['flac_sha256']}.flac", dtype="int16")
    assert (sound.tobytes(), rate, recording["state"]) == (make_speech(), 24_000, "whole")
    result = etree.parse(str(tmp_path / "files" / "results" / f"{kiosk.attempt}.xml"))
    assert result.findtext(f".//{RESULT}value") == f"ответ & <{kiosk.seated['code']}>"
    assert not result.findall(f".//{RESULT}outcomeVariable")


def test_the_tools_of_the_system_open_a_package(done_room: Classroom, tmp_path: Path) -> None:
    settle(done_room)
    done_room.close_room()
    package = done_room.pack()
    done_room.run_jobs()
    identity = tmp_path / "identity"
    identity.write_text(str(done_room.hub.keys.recipient))
    opened = subprocess.run(["age", "-d", "-i", identity, package_path(done_room.data, package)],
                            capture_output=True, check=True).stdout
    names = subprocess.run(["tar", "-t"], input=opened, capture_output=True, check=True).stdout.decode().split()
    assert {"manifest.json", "manifest.sig", "leases.jsonl", "ledger.jsonl"} < set(names)


def test_a_package_is_sent_and_its_receipt_kept(done_room: Classroom) -> None:
    settle(done_room)
    done_room.close_room()
    package = done_room.pack()
    done_room.run_jobs()
    with done_room.services.storage.read() as session:
        kept = list_packages(session, done_room.sitting)[0]
        assert (kept.state, kept.receipt["package_id"]) == ("receipted", package)
        assert find_sitting(session, done_room.sitting).state == "receipted"


def test_sending_goes_on_when_the_hub_is_back(done_room: Classroom) -> None:
    hub: HubForTest = done_room.hub
    hub.away = True
    settle(done_room)
    done_room.close_room()
    package = done_room.pack()
    done_room.run_jobs()
    assert package not in hub.sent
    hub.away = False
    done_room.clock.advance(60_000)
    tend_packages(done_room.services)
    done_room.run_jobs()
    assert package in hub.sent


def test_a_refused_package_shows_the_reason(done_room: Classroom) -> None:
    done_room.hub.reason = "digest_mismatch"
    settle(done_room)
    done_room.close_room()
    done_room.pack()
    done_room.run_jobs()
    with done_room.services.storage.read() as session:
        kept = list_packages(session)[0]
    assert (kept.state, kept.trouble) == ("quarantined", "digest_mismatch")


def test_a_late_answer_asks_for_a_further_package(done_room: Classroom) -> None:
    settle(done_room)
    done_room.close_room()
    first = done_room.pack()
    done_room.run_jobs()
    done_room.kiosks[0].write("focus_lost")
    done_room.kiosks[0].send()
    with done_room.services.storage.read() as session:
        assert find_sitting(session, done_room.sitting).state == "packaged_with_late"
    second = done_room.pack("late")
    with done_room.services.storage.read() as session:
        newest = list_packages(session)[0]
    assert (newest.id, newest.sequence) == (second, 2) and first != second


def test_balance_waits_for_sound_and_for_reasons(done_room: Classroom) -> None:
    with pytest.raises(SoundMissing):
        done_room.close_room()


def test_somebody_unexplained_keeps_the_balance_open(open_room: Classroom) -> None:
    open_room.start(open_room.seat(0))
    with pytest.raises(StillAtWork) as refused:
        open_room.close_room()
    assert len(refused.value.details["codes"]) == 6
