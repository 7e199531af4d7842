"""Downloads together keep one pace, however many they are, and leave room for what is more urgent."""
import io
import threading
from pathlib import Path

import pytest
from flask import Flask, Response, request, send_file

from testing_server.foundation.files.pacing import Downloads, LargePieces, Pace


def test_a_pace_lets_a_little_go_ahead_and_then_waits() -> None:
    pace = Pace(bytes_per_s=1_000, ahead_s=0.1)
    assert pace.take(100, 10.0) == 0
    assert pace.take(500, 10.0) == pytest.approx(0.5)
    assert pace.take(500, 10.0) == pytest.approx(1.0)
    assert pace.take(100, 99.0) == 0, "what was not used is not saved up"
    assert pace.take(1_000, 99.0) == pytest.approx(1.0)


def test_a_pace_gives_way_to_what_was_late_and_recovers() -> None:
    pace = Pace(bytes_per_s=1_600, ahead_s=0)
    assert pace.find_share(0.0) == 1
    pace.give_way(10.0)
    pace.give_way(10.1)
    assert pace.find_share(10.1) == pytest.approx(0.5, rel=0.1), "one burst counts once"
    for step in range(1, 20):
        pace.give_way(10.0 + step)
    assert pace.find_share(29.0) == pytest.approx(1 / 16)
    assert pace.take(100, 29.0) == pytest.approx(1.0), "some of it is always left"
    assert pace.find_share(33.0) == pytest.approx(1 / 4)
    assert pace.find_share(37.0) == pace.find_share(1e9) == 1


def test_downloads_wait_longer_while_something_urgent_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    slept, now = Sleeps(), [100.0]
    monkeypatch.setattr("testing_server.foundation.files.pacing.time.monotonic", lambda: now[0])
    downloads = Downloads(Pace(1_000, 0), sleep=slept)
    with downloads.behind():
        now[0] += 0.1
    downloads.wait(100)
    assert slept.seconds == pytest.approx(0.1), "it was in time"
    now[0] += 10
    with downloads.behind():
        now[0] += 0.3
    downloads.wait(100)
    assert slept.seconds == pytest.approx(0.2)


class Sleeps:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds = max(self.seconds, seconds)


def serve(path: Path, downloads: Downloads) -> Flask:
    app = Flask(__name__)

    @app.get("/file")
    def show() -> Response:
        request.environ["wsgi.file_wrapper"] = LargePieces
        return downloads.send(lambda: send_file(path, conditional=True))
    return app


def test_a_file_and_its_ranges_are_sent_whole_at_the_pace(tmp_path: Path) -> None:
    content, slept = bytes(range(256)) * 4_000, Sleeps()
    (tmp_path / "file").write_bytes(content)
    client = serve(tmp_path / "file", Downloads(Pace(1_000_000, 0), sleep=slept)).test_client()
    assert client.get("/file").data == content
    assert slept.seconds == pytest.approx(len(content) / 1_000_000, abs=0.5)
    part = client.get("/file", headers={"Range": "bytes=300000-700000"})
    assert part.status_code == 206 and part.data == content[300_000:700_001]
    assert client.get("/file", headers={"Range": "bytes=1023999-"}).data == content[-1:]
    assert client.get("/file", headers={"Range": "bytes=2000000-"}).status_code == 416


def test_too_many_downloads_are_told_to_come_back(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 10)
    downloads = Downloads(most=1)
    first = downloads.send(lambda: Response([b"held"]))
    client = serve(tmp_path / "file", downloads).test_client()
    refused = client.get("/file")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    first.close()
    first.close()
    assert client.get("/file").data == b"x" * 10


def test_a_failed_response_gives_its_place_back() -> None:
    downloads = Downloads(most=1)

    def fail() -> Response:
        raise FileNotFoundError()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            downloads.send(fail)


def test_many_threads_share_one_pace() -> None:
    slept = Sleeps()
    downloads = Downloads(Pace(1_000, 0), sleep=slept)
    threads = [threading.Thread(target=downloads.wait, args=(100,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slept.seconds == pytest.approx(2.0, abs=0.5)


def test_pieces_are_large() -> None:
    assert [len(piece) for piece in LargePieces(io.BytesIO(bytes(150_000)))] == [65_536] * 2 + [18_928]
