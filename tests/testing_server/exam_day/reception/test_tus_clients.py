"""Other people's clients of tus send packages: tuspy, tus-js-client in Node, and in the organizer's own page."""
import base64
import json
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from tusclient.client import TusClient
from werkzeug.serving import make_server

from testing_server.preparation.hub_link import Receipt
from tests.builders import PASSWORD, save_account
from tests.testing_server.exam_day.reception.make_reception import Reception

ROOT = Path(__file__).parents[4]
MEBIBYTE = 1024 * 1024
PATIENCE_MS = 60_000


@contextmanager
def served(reception: Reception) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, reception.hub.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@pytest.fixture
def address(reception: Reception) -> Iterator[str]:
    with served(reception) as url:
        yield url


def write_package(reception: Reception) -> tuple[Path, str]:
    package = reception.package()
    path = reception.folder / "stick.age"
    path.write_bytes(package.ciphertext)
    return path, package.package


def token_of(reception: Reception) -> dict[str, str]:
    return {"Authorization": f"Bearer {reception.ours.link._token}"}


def test_tuspy_sends_with_checksums_and_goes_on_in_another_run(reception: Reception, address: str) -> None:
    path, package = write_package(reception)
    size = path.stat().st_size
    client = TusClient(f"{address}/v1/packages", headers=token_of(reception))
    first = client.uploader(str(path), chunk_size=size // 3, upload_checksum=True, metadata={"package": package})
    first.upload_chunk()
    second = client.uploader(str(path), url=first.url, chunk_size=size // 4, upload_checksum=True)
    assert second.get_offset() == size // 3
    second.upload()
    reception.judge()
    assert isinstance(reception.ours.link.fetch_receipt(package), Receipt)


IN_NODE = """
import fs from "node:fs";
import {Upload} from "tus-js-client";
const {endpoint, headers, path, package: name, options, stopAt, resume} = JSON.parse(process.argv[1]);
const upload = new Upload(fs.createReadStream(path), {
  endpoint, headers, uploadSize: fs.statSync(path).size, metadata: {package: name}, ...options,
  onError(error) { console.log(JSON.stringify({error: String(error)})); process.exit(1); },
  onSuccess() { console.log(JSON.stringify({url: upload.url})); },
  async onChunkComplete(_size, accepted) {
    if (stopAt !== undefined && accepted >= stopAt) {
      await upload.abort(options.terminates === true);
      console.log(JSON.stringify({url: upload.url, accepted}));
      process.exit(0);
    }
  },
});
if (resume) upload.url = resume;
upload.start();
"""


def run_in_node(reception: Reception, address: str, **asked: Any) -> dict[str, Any]:
    """What tus-js-client says in the end."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed: make setup installs it where apt may be used")
    told = {"endpoint": f"{address}/v1/packages", "headers": token_of(reception), "options": {}, **asked}
    done = subprocess.run(["node", "--input-type=module", "-e", IN_NODE, json.dumps(told)], cwd=ROOT, timeout=120,
                          capture_output=True, text=True)
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize("options", [{}, {"chunkSize": 700}, {"chunkSize": 5_000, "overridePatchMethod": True}])
def test_tus_js_client_sends_however_it_is_set(reception: Reception, address: str, options: dict[str, Any]) -> None:
    path, package = write_package(reception)
    options = {**options, "chunkSize": path.stat().st_size // 3} if options.get("chunkSize") == 700 else options
    said = run_in_node(reception, address, path=str(path), package=package, options=options)
    assert "error" not in said
    reception.judge()
    assert isinstance(reception.ours.link.fetch_receipt(package), Receipt)


def test_tus_js_client_goes_on_elsewhere_and_gives_up(reception: Reception, address: str) -> None:
    path, package = write_package(reception)
    pieces = {"chunkSize": path.stat().st_size // 4}
    begun = run_in_node(reception, address, path=str(path), package=package, options=pieces, stopAt=1)
    run_in_node(reception, address, path=str(path), package=package, options=pieces, resume=begun["url"])
    upload, = reception.uploads()
    assert upload.state == "received"
    given_up = run_in_node(reception, address, path=str(path), package=package, stopAt=1,
                           options=pieces | {"terminates": True})
    assert {one.id: one.state for one in reception.uploads()}[given_up["url"].rsplit("/", 1)[-1]] == "expired"


@pytest.fixture
def page(reception: Reception, address: str) -> Iterator[Page]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: make setup installs it where apt may be used")
    save_account(reception.hub.app, "organizer", "school_organizer", school=reception.ours.school.id)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1366, "height": 768})
        opened.set_default_timeout(PATIENCE_MS)
        opened.goto(f"{address}/sign-in?next=/school/packages")
        opened.fill("input[name=login]", "organizer")
        opened.fill("input[name=password]", PASSWORD)
        opened.press("input[name=password]", "Enter")
        opened.wait_for_url("**/school/packages")
        yield opened
        browser.close()


def wait_for(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.browser
def test_the_page_pauses_and_goes_on_after_a_reload(reception: Reception, page: Page) -> None:
    data = random.Random(5).randbytes(20 * MEBIBYTE)
    path = reception.folder / "big.age"
    path.write_bytes(data)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 6 * MEBIBYTE})
    page.set_input_files("#stick-file", path)
    page.click("[data-send]")
    wait_for(lambda: page.locator("#stick progress").evaluate("bar => bar.value") > 0.5)
    page.click("[data-pause]")
    expect(page.locator("#stick [role=status]")).to_contain_text("остановлена")
    have = reception.hub.offered.pieces.length(reception.uploads()[0].id)
    assert 8 * MEBIBYTE <= have < len(data)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/stick.png")
    page.reload()
    expect(page.locator("[data-begun]")).to_contain_text("big.age")
    network.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
    page.set_input_files("#stick-file", path)
    page.click("[data-send]")
    wait_for(lambda: reception.uploads()[0].state == "received")
    upload, = reception.uploads()
    assert reception.hub.offered.pieces.collect(upload.id, reception.folder).read_bytes() == data
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("[data-begun]")).to_be_hidden()


@pytest.mark.browser
def test_the_page_says_why_the_hub_refuses(reception: Reception, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testing_server.exam_day.reception.rules.MAX_UNJUDGED", 0)
    path, _package = write_package(reception)
    page.set_input_files("#stick-file", path)
    page.click("[data-send]")
    expect(page.locator("#stick [role=status]")).to_contain_text("слишком много пакетов")
    expect(page.locator("[data-send]")).to_be_enabled()


def describe(school: str) -> str:
    return f"school {base64.b64encode(school.encode()).decode()}"


def test_a_coordinator_brings_a_package_for_a_school_of_the_territory(reception: Reception) -> None:
    path, package = write_package(reception)
    browser = reception.hub.browser("vera", "coordinator", territory="Владимирская область")
    far = reception.hub.browser("far", "coordinator", territory="Томская область")
    head = {"Tus-Resumable": "1.0.0", "Upload-Length": str(path.stat().st_size)}
    assert browser.client.post("/v1/packages", headers=head).status_code == 404
    named = head | {"Upload-Metadata": describe(reception.ours.school.login)}
    assert far.client.post("/v1/packages", headers=named).status_code == 404
    upload = browser.client.post("/v1/packages", headers=named).headers["Location"]
    piece = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert far.client.patch(upload, headers=piece, data=path.read_bytes()).status_code == 404
    assert browser.client.patch(upload, headers=piece, data=path.read_bytes()).status_code == 204
    reception.judge()
    assert isinstance(reception.ours.link.fetch_receipt(package), Receipt)


def test_too_many_packages_that_nobody_accepted(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testing_server.exam_day.reception.rules.MAX_UNJUDGED", 2)
    client, headers = reception.hub.app.test_client(), token_of(reception) | {"Tus-Resumable": "1.0.0"}
    answers = [client.post("/v1/packages", headers=headers | {"Upload-Length": "5"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 413]
    assert answers[2].json["code"] == "quota_exceeded"  # type: ignore[index]
    client.delete(answers[0].headers["Location"], headers=headers)
    assert client.post("/v1/packages", headers=headers | {"Upload-Length": "5"}).status_code == 201


def test_an_unknown_method_in_disguise_is_refused(reception: Reception) -> None:
    client, headers = reception.hub.app.test_client(), token_of(reception) | {"Tus-Resumable": "1.0.0"}
    upload = client.post("/v1/packages", headers=headers | {"Upload-Length": "5"}).headers["Location"]
    for method in ("", "GET", "TRACE"):
        assert client.post(upload, headers=headers | {"X-HTTP-Method-Override": method}).status_code == 400
    assert client.post(upload, headers=headers | {"X-HTTP-Method-Override": "delete"}).status_code == 204
    assert client.head(upload, headers=headers).status_code == 410
