"""A file on a stick pairs a room, over real TLS and by real kiosk code; a used up, expired or forged one does not."""
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.serving import make_server

from kiosk_client.agent import Agent, Options
from kiosk_client.cli import main
from kiosk_client.fakes import FakeAuthority
from kiosk_client.identity import read_paired
from kiosk_client.journal import Journal
from kiosk_client.link import Refused
from kiosk_client.pairing_file import ASKED, open_file, pair_by_file
from kiosk_client.places import Places
from kiosk_client.refusals import PairingRefused, ServerAway
from kiosk_client.screens.snapshot import take_snapshot
from testing_server.contracts.pairing_file import PairingFile, write_pairing_file
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.audit import read_audit
from testing_server.foundation.tls import ensure_tls
from tests.builders import Browser
from tests.kiosk_client.conftest import wait_until
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.conftest import copy_room

DAY_MS = 24 * 3_600_000


@pytest.fixture(scope="module")
def open_room(model_room: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """One room for all tests of this file, its key unlocked: each pairs other computers."""
    made = copy_room(model_room, tmp_path_factory.mktemp("room") / "data")
    made.app.extensions["rates"].enabled = False
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(open_room: Classroom) -> Iterator[str]:
    """The classroom on TLS of the school's own authority."""
    files = ensure_tls(open_room.services.settings.keys_folder, open_room.clock.now_ms())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    server = make_server("127.0.0.1", 0, open_room.app, threaded=True, ssl_context=context)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture(scope="module")
def technician(open_room: Classroom) -> Browser:
    return open_room.browser("technician")


def make_file(technician: Browser, address: str, uses: int = 2) -> PairingFile:
    """What the technician saves on the stick; the test's server has its own port."""
    answer = technician.post("/workstations/pairing-files", {"uses": str(uses)}, page="/workstations/pairing-files")
    assert answer.status_code == 200 and "pairing.json" in answer.headers["Content-Disposition"]
    return msgspec.structs.replace(open_file(answer.data), servers=[address])


def list_seats(room: Classroom) -> list[str]:
    with room.services.storage.read() as session:
        return [one.seat for one in list_workstations(session)]


def pair(file: PairingFile, seat: str = "", key: Ed25519PrivateKey | None = None) -> str:
    return pair_by_file(file, key or Ed25519PrivateKey.generate(), seat).seat


def refuse(file: PairingFile, seat: str = "") -> str:
    with pytest.raises(Refused) as told:
        pair(file, seat)
    return told.value.code


def test_computers_get_the_seats_they_name_or_the_next(
        open_room: Classroom, technician: Browser, address: str) -> None:
    file = make_file(technician, address, uses=3)
    free = [str(number) for number in range(1, 9) if str(number) not in list_seats(open_room)]
    assert [pair(file, "112"), pair(file), pair(file)] == ["112", *free[:2]]
    assert refuse(file) == "pairing_file_over"
    assert {"112", *free[:2]} <= set(list_seats(open_room))
    with open_room.services.storage.read() as session:
        lines = [(line.verb, line.details.get("seat")) for line in read_audit(session, "room")]
    assert ("pairing_file_made", None) in lines and lines.count(("workstation_paired", "112")) == 1


def test_the_same_computer_again_is_no_second_use(technician: Browser, address: str) -> None:
    file, key = make_file(technician, address, uses=1), Ed25519PrivateKey.generate()
    assert [pair(file, "107", key), pair(file, "", key)] == ["107", "107"]
    assert refuse(file) == "pairing_file_over"


def test_a_seat_that_is_taken_spends_nothing(technician: Browser, address: str) -> None:
    file = make_file(technician, address)
    assert pair(file, "101") == "101"
    assert refuse(file, "101") == "seat_taken"
    assert pair(file, "102") == "102"
    assert refuse(file) == "pairing_file_over"


def test_a_forged_file_pairs_nobody(technician: Browser, address: str) -> None:
    """Another token; another authority: the token is not even shown to a server that is not of the file's."""
    file = make_file(technician, address)
    assert refuse(msgspec.structs.replace(file, token="00" * 16)) == "pairing_file_over"
    with pytest.raises(ServerAway):
        pair(msgspec.structs.replace(file, authority_pem=FakeAuthority().pem))


def test_a_key_that_was_not_proven_is_refused(open_room: Classroom, technician: Browser, address: str) -> None:
    file, theirs = make_file(technician, address), Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    asked = {"token": file.token, "public_key": theirs, "signature": "00" * 64}
    answer = open_room.app.test_client().post("/v1/pair/by-file", json=asked)
    assert answer.status_code == 409 and answer.get_json()["code"] == "pair_refused"


def test_a_blocked_computer_stays_out(open_room: Classroom, technician: Browser, address: str) -> None:
    file, key = make_file(technician, address), Ed25519PrivateKey.generate()
    workstation = pair_by_file(file, key, "105").workstation
    technician.post(f"/workstations/{workstation}/block", page="/workstations/pairing-files")
    with pytest.raises(Refused, match="закрыто организатором"):
        pair(file, "", key)


def test_the_database_does_not_hold_the_token(open_room: Classroom, technician: Browser, address: str) -> None:
    file = make_file(technician, address)
    kept = b"".join(path.read_bytes() for path in open_room.data.glob("classroom.sqlite*"))
    assert file.token.encode() not in kept


def test_a_file_for_nobody_is_refused(technician: Browser) -> None:
    for uses in ("0", "201", "many", ""):
        answer = technician.post("/workstations/pairing-files", {"uses": uses}, page="/workstations/pairing-files")
        assert answer.status_code == 422 and "от 1 до 200" in answer.text


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"format": "pairing-file/1"}', b"x" * 70_000])
def test_rubbish_on_the_stick_is_no_pairing_file(data: bytes) -> None:
    with pytest.raises(PairingRefused):
        open_file(data)


def run_command(folder: Path, stick: Path, *more: str) -> str:
    found = CliRunner().invoke(main, ["--data", str(folder), "pair", str(stick), *more])
    return found.output


def test_a_server_says_whose_it_is_before_anybody_signs_in(address: str, tmp_path: Path) -> None:
    """School and room stand beside the address on the first page; the last address is offered after a restart."""
    agent = Agent(Options(tmp_path / "new", "", lambda: None))  # type: ignore[arg-type, return-value]
    agent.start()
    try:
        agent.begin_pairing(address)
        wait_until(lambda: take_snapshot(agent)["pairing"]["places"].get(address, {}).get("school"))
        assert take_snapshot(agent)["pairing"]["places"][address] == {"school": "Школа № 1", "room": "кабинет 12"}
    finally:
        agent.stop()
    again = Agent(Options(tmp_path / "new", "", lambda: None))  # type: ignore[arg-type, return-value]
    assert address in take_snapshot(again)["pairing"]["found"]
    again.stop()


def test_a_server_that_says_nothing_is_no_trouble() -> None:
    places = Places()
    assert not places.ask_next(["https://127.0.0.1:9"]) and places.find("https://127.0.0.1:9").school == ""


def test_the_command_pairs_a_computer_that_sleeps_and_one_that_runs(
        technician: Browser, address: str, tmp_path: Path) -> None:
    stick = tmp_path / "pairing.json"
    stick.write_bytes(write_pairing_file(make_file(technician, address)))
    assert "Место 109 сопряжено" in run_command(tmp_path / "sleeping", stick, "--seat", "109")
    journal = Journal(tmp_path / "sleeping" / "journal.sqlite")
    paired = read_paired(journal)
    journal.close()
    assert paired is not None and (paired.seat, paired.server) == ("109", address)
    agent = Agent(Options(tmp_path / "running", "", lambda: None))  # type: ignore[arg-type, return-value]
    agent.start()
    try:
        assert "Место 110 сопряжено" in run_command(tmp_path / "running", stick, "--seat", "110")
        wait_until(lambda: agent.connection is not None and agent.connection.welcome is not None)
        assert not (tmp_path / "running" / ASKED).exists()
        assert "pairing_file_over" in run_command(tmp_path / "third", stick)
    finally:
        agent.stop()


def test_a_withdrawn_and_an_expired_file_pair_nobody(
        open_room: Classroom, technician: Browser, address: str) -> None:
    open_room.clock.advance(1)
    file = make_file(technician, address)
    page = technician.get("/workstations/pairing-files").text
    # the newest stands first
    number = page.partition("/workstations/pairing-files/")[2].partition("/withdraw")[0]
    technician.post(f"/workstations/pairing-files/{number}/withdraw", page="/workstations/pairing-files")
    assert refuse(file) == "pairing_file_over"
    later = make_file(technician, address)
    open_room.clock.advance(DAY_MS)
    assert refuse(later) == "pairing_file_over"
