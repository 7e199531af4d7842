"""The 201st download is told to come back: the workstation does so when it was told, and gets its file whole."""
from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask, Response
from werkzeug.serving import make_server

from kiosk_client.bundles import BundleStore
from kiosk_client.journal import Journal
from kiosk_client.link import Link, Refused, Wire
from kiosk_client.outbox import Sender
from testing_server.contracts.messages import Bundle
from testing_server.exam_day.responses.files_app import make_files_app
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.files.pacing import DOWNLOADS, RETRY_AFTER_S
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.settings import load_settings
from testing_server.foundation.tokens import make_token

CONTENT = bytes(range(256)) * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def files_app(tmp_path: Path) -> Flask:
    settings = load_settings("classroom", {}, data=tmp_path / "server", host="127.0.0.1")
    (settings.data / "bundles").mkdir(parents=True)
    (settings.data / "bundles" / SHA256).write_bytes(CONTENT)
    app = make_files_app(settings, SystemClock())
    app.config["TOKEN"] = make_token(obtain_key(settings.run_folder, "mac.key"), "a seat", "workstation",
                                     SystemClock().now_ms() + 3_600_000)
    return app


@pytest.fixture
def link(files_app: Flask) -> Iterator[Link]:
    server = make_server("127.0.0.1", 0, files_app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    url = f"http://127.0.0.1:{server.server_port}"
    found = Link(Wire(url, None), lambda link: files_app.config["TOKEN"])
    found.files_url = url
    yield found
    found.wire.close()
    server.shutdown()
    serving.join()


def test_a_busy_download_is_made_again_when_the_server_said(files_app: Flask, link: Link, tmp_path: Path) -> None:
    store = BundleStore(Journal(tmp_path / "journal.sqlite"), tmp_path / "bundles")
    bundle, waits = Bundle(sha256=SHA256, bytes=len(CONTENT), plain="", type=""), []

    def fetch() -> bool:
        store.fetch(link, bundle)
        return False

    sender = Sender("bundles", fetch)
    with ExitStack() as others:
        for _ in range(DOWNLOADS):
            others.callback(files_app.extensions["downloads"].send(lambda: Response(b"")).close)
        waits = [sender._try(), sender._try()]
        with pytest.raises(Refused) as refused:
            fetch()
    assert (refused.value.status, refused.value.code) == (503, "busy")
    assert waits == [RETRY_AFTER_S, RETRY_AFTER_S], "as long as it was told, and no longer for having asked again"
    assert sender._try() < RETRY_AFTER_S
    assert (tmp_path / "bundles" / SHA256).read_bytes() == CONTENT
