"""A file as an answer: durable before the journal speaks of it, delivered whole, never under the candidate's name."""
from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from kiosk_client import answer_files
from kiosk_client.agent import Agent
from kiosk_client.answer_files import AnswerFiles, FileOutbox
from kiosk_client.fake_work import FakeWork, make_items
from kiosk_client.fakes import FakeClassroom, FakeFault
from kiosk_client.journal import Journal
from kiosk_client.refusals import BadAnswer, FileMissing, FileTooLarge, JournalFull, NotNow
from testing_server.contracts.file_answers import MAX_ATTEMPT_BYTES, MAX_FILE_BYTES, PIECE_BYTES, read_reference
from testing_server.contracts.messages import PieceAcked
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until
from tests.kiosk_client.test_screens import Seat

MakeAgent = Callable[..., Agent]
DATA = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def classroom(monkeypatch: pytest.MonkeyPatch):
    """A classroom whose fourth item asks for a file."""
    def with_file(*told, **more):
        items = make_items(*told, **more)
        items[3]["interactions"] = [{"id": "r1", "kind": "upload", "cardinality": "single", "base_type": "file"}]
        return items

    monkeypatch.setattr("kiosk_client.fake_work.make_items", with_file)
    fake = FakeClassroom(FakeWork(sound_check=False), {LOGIN: "10001"}).start()
    yield fake
    fake.stop()


def give(agent: Agent, data: bytes = DATA, name: str = "Иванов Петя 7Б.DOCX", kind: str = "image/png; x=1") -> str:
    seat = agent.require_seat()
    if seat.state.item != "i4" and not seat.state.finished:
        seat.go("i4")
    reference = str(seat.keep_file(agent.files, "i4", "r1", data, kind, name))
    seat.answer("i4", "r1", reference)
    return reference


def test_a_file_arrives_whole_and_without_the_candidates_name(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    reference = give(agent)
    assert reference == f"{SHA256} {len(DATA)} image/png answer.docx"
    wait_until(lambda: bytes(attempt.files.get(SHA256, b"")) == DATA and not agent.journal.count_waiting())
    wait_until(lambda: "i4/r1" in attempt.state.responses)
    assert attempt.state.responses["i4/r1"].value == reference
    assert attempt.state.files[SHA256].bytes == len(DATA)
    assert "Иванов" not in "".join(attempt.lines.values())


def test_a_server_that_lost_its_disk_gets_the_file_again(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    give(agent)
    wait_until(lambda: not agent.journal.count_waiting())
    attempt.files.clear()
    agent.require_connection().link.forget_token()
    wait_until(lambda: bytes(attempt.files.get(SHA256, b"")) == DATA)


def test_a_restarted_agent_goes_on_sending(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)

    def refuse_files(path: str) -> None:
        if path.startswith("/v1/files/"):
            raise FakeFault(503, "busy", 0.1)

    classroom.fail = refuse_files
    give(agent)
    assert agent.journal.count_waiting() == 1
    agent.stop()
    classroom.fail = lambda path: None
    make_agent(classroom.url)
    wait_until(lambda: bytes(attempt.files.get(SHA256, b"")) == DATA)


@pytest.mark.parametrize(("data", "refusal"), [(b"", FileTooLarge), (bytes(MAX_FILE_BYTES + 1), FileTooLarge)])
def test_empty_and_too_large_files_are_refused(classroom: FakeClassroom, make_agent: MakeAgent, data: bytes,
                                               refusal: type[Exception]) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    with pytest.raises(refusal):
        give(agent, data)
    assert not agent.require_seat().state.files


def test_only_what_was_kept_can_be_answered(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    seat = agent.require_seat()
    seat.go("i4")
    for value in ("a file", f"{SHA256} 5 image/png answer.png"):
        with pytest.raises(BadAnswer):
            seat.answer("i4", "r1", value)
    with pytest.raises(BadAnswer):
        seat.keep_file(agent.files, "i1", "r1", DATA, "image/png", "x.png")
    seat.finish()
    with pytest.raises(NotNow):
        give(agent)


def test_a_full_disk_says_so_and_journals_nothing(classroom: FakeClassroom, make_agent: MakeAgent,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)

    def fail(*told: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(answer_files.os, "fsync", fail)
    with pytest.raises(JournalFull):
        give(agent)
    monkeypatch.undo()
    assert not agent.require_seat().state.files
    assert not [path for path in (agent.options.folder / "answer-files").rglob("*") if path.is_file()]


def test_the_page_keeps_and_shows_a_file(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    agent.require_seat().go("i4")
    page = Seat(agent).open()
    try:
        kept = post_file(page, DATA, "image/png")
        assert kept.status_code == 200, kept.text
        reference = read_reference(kept.json()["reference"])
        assert reference is not None and reference.name == "answer.png"
        shown = page.http.get(f"/v1/answer-files/{SHA256}")
        assert shown.content == DATA and shown.headers["Content-Type"] == "image/png"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert page.http.get(f"/v1/answer-files/{'0' * 64}").status_code == 404
        sha256 = post_file(page, b"<script>1</script>", "text/html").json()["reference"][:64]
        shown = page.http.get(f"/v1/answer-files/{sha256}")
        assert shown.headers["Content-Type"] == "application/octet-stream"
        assert "attachment" in shown.headers["Content-Disposition"]
        assert post_file(page, bytes(MAX_FILE_BYTES + 2048), "image/png").status_code == 413
    finally:
        page.server.stop()


def post_file(page: Seat, data: bytes, kind: str) -> httpx.Response:
    headers = {"Content-Type": kind, "X-File-Name": "%D0%9F%D0%B5%D1%82%D1%8F.png"}
    return page.http.post("/v1/answer-files/i4/r1", content=data, headers=headers, timeout=30)


class OneServer:
    """Keeps pieces; forgets everything when told."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.pieces: list[tuple[int, int]] = []

    def send_piece(self, attempt: str, sha256: str, offset: int, length: int, piece: bytes) -> PieceAcked:
        self.pieces.append((offset, len(piece)))
        if offset == len(self.content):
            self.content += piece
        return PieceAcked(durable_bytes=len(self.content))


def test_pieces_go_on_where_the_server_is(tmp_path: Path) -> None:
    journal, server = Journal(tmp_path / "journal.sqlite"), OneServer()
    files = AnswerFiles(journal, tmp_path / "files")
    reference = files.write("a1", DATA, "image/png", "x.png")
    journal.keep_file("a1", reference.sha256, reference.bytes)
    server.content += DATA[:PIECE_BYTES]
    outbox = FileOutbox(journal, server, files)  # type: ignore[arg-type]
    while outbox.send():
        continue
    assert bytes(server.content) == DATA
    assert server.pieces[0] == (0, 0) and server.pieces[1] == (PIECE_BYTES, PIECE_BYTES)
    assert all(length <= PIECE_BYTES for _, length in server.pieces)
    journal.close()


def test_files_together_have_a_limit_and_a_repeat_costs_nothing(tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_files, "MAX_ATTEMPT_BYTES", len(DATA) + 10)
    assert MAX_ATTEMPT_BYTES > MAX_FILE_BYTES
    journal = Journal(tmp_path / "journal.sqlite")
    files = AnswerFiles(journal, tmp_path / "files")
    for _ in range(3):
        journal.keep_file("a1", files.write("a1", DATA, "image/png", "x.png").sha256, len(DATA))
    with pytest.raises(FileTooLarge):
        files.write("a1", b"eleven bytes", "text/plain", "x.txt")
    with pytest.raises(FileMissing):
        files.read("a1", "0" * 64)
    journal.close()


def move(new: Agent, classroom: FakeClassroom) -> None:
    """The candidate signs in at another workstation."""
    pair(new, classroom)
    new.sign_in(LOGIN)
    new.attach()
    wait_until(lambda: new.require_seat().items, 60)


def test_a_file_of_the_old_seat_is_there_at_the_new_one(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    old, new = make_agent(classroom.url, "old"), make_agent(classroom.url, "new")
    attempt = sit_down(old, classroom)
    reference = give(old)
    wait_until(lambda: not old.journal.count_waiting() and not old.journal.count_unacked(), 60)
    move(new, classroom)
    wait_until(lambda: new.files.find(attempt.id, SHA256).exists(), 60)
    assert new.files.read(attempt.id, SHA256) == DATA
    new.require_seat().go("i4")
    new.require_seat().answer("i4", "r1", reference)
    attempt.files.clear()
    new.require_connection().link.forget_token()
    wait_until(lambda: bytes(attempt.files.get(SHA256, b"")) == DATA, 60)


def test_a_file_that_the_old_seat_has_not_delivered_yet_comes_later(
        classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    old, new = make_agent(classroom.url, "old"), make_agent(classroom.url, "new")
    attempt = sit_down(old, classroom)

    def hold_back(path: str) -> None:
        if path.startswith("/v1/files/"):
            raise FakeFault(503, "busy", 0.1)

    classroom.fail = hold_back
    give(old)
    wait_until(lambda: not old.journal.count_unacked(), 60)
    move(new, classroom)
    with pytest.raises(FileMissing):
        new.files.read(attempt.id, SHA256)
    classroom.fail = lambda path: None
    wait_until(lambda: new.files.find(attempt.id, SHA256).exists(), 60)
    assert new.files.read(attempt.id, SHA256) == DATA


def test_other_bytes_than_the_file_asked_for_are_not_kept(tmp_path: Path) -> None:
    class Liar:
        def fetch_file(self, attempt: str, sha256: str) -> bytes:
            return b"something else"

    files = AnswerFiles(Journal(tmp_path / "journal.sqlite"), tmp_path / "files")
    with pytest.raises(FileMissing):
        files.fetch(Liar(), "a1", SHA256)  # type: ignore[arg-type]
    assert not files.find("a1", SHA256).exists()
