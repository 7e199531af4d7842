"""A hub of many processes: any of them is killed at any moment, and no package is lost and none is there twice.

PACKAGES and KILLS make it longer (`make country`).
"""
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis
import socketio

from testing_server.exam_day.reception.queries import list_packages, list_uploads
from testing_server.foundation.accounts.second_factor_rules import STEP_MS, compute_code
from testing_server.foundation.audit.queries import read_audit
from testing_server.foundation.jobs.queue import make_jobs
from testing_server.foundation.storage import Storage
from testing_server.preparation import hub_upload
from testing_server.preparation.hub_answers import HubAway, HubRefused
from testing_server.preparation.hub_link import HubLink, Receipt
from tests.builders import CSRF, PASSWORD
from tests.testing_server.exam_day.reception.make_package import Package
from tests.testing_server.postgres import PostgresServer
from tests.testing_server.stores.country import LOGIN, Country
from tests.testing_server.stores.servers import RedisServer, SeaweedServer, wait_until

PACKAGES, KILLS = int(os.environ.get("PACKAGES", 3)), int(os.environ.get("KILLS", 4))
SECONDS = 600
pytestmark = [pytest.mark.postgresql, pytest.mark.skipif(
    not Path("/usr/sbin/nginx").exists(), reason="nginx is not installed: make setup does it where apt may be used")]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, redis_server: RedisServer,
            seaweed: SeaweedServer) -> Iterator[Country]:
    # what other tests tried too often from this address is counted there
    redis.Redis.from_url(redis_server.url).flushdb()
    running = Country(tmp_path_factory.mktemp("country"), postgres.make_database(), redis_server.url,
                      seaweed.url.replace("hub-files", "country"))
    yield running
    running.stop()


class Sender(threading.Thread):
    """A classroom that sends one package until it has the receipt, however often the hub is away."""

    def __init__(self, country: Country, package: Package, path: Path) -> None:
        super().__init__(daemon=True)
        self._country, self._package, self._path = country, package, path
        self.receipts: list[bytes] = []
        self.error: Exception | None = None
        self._link: HubLink | None = None
        path.write_bytes(package.ciphertext)

    def run(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and len(self.receipts) < 2:
            try:
                self._link = self._link or self._country.open_link()
                self._send(self._link)
            except (HubAway, HubRefused) as error:
                # 5xx while a process dies is no answer: a classroom's job tries again, too
                self.error = error
            time.sleep(0.2)

    def _send(self, link: HubLink) -> None:
        named = link.upload_package(self._path, {"package": self._package.package,
                                                 "sitting": self._package.manifest.sitting})
        found = link.fetch_receipt(named)
        if isinstance(found, Receipt):
            self.receipts.append(found.envelope)


def make_packages(country: Country) -> list[Package]:
    reception = country.reception
    return [reception.package([reception.seat(code=f"{50_000 + number}")],
                              sitting=f"{number:08d}-2222-3333-4444-555555555555") for number in range(PACKAGES)]


def test_killed_processes_lose_no_package_and_double_none(country: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = make_packages(country)
    monkeypatch.setattr(hub_upload, "PIECE", max(len(one.ciphertext) for one in packages) // 6)
    senders = [Sender(country, package, country.folder / f"{number}.age") for number, package in enumerate(packages)]
    for sender in senders:
        sender.start()
    chance = random.Random(os.environ.get("SEED", "country"))
    names = ["core", "core-2", "worker", "worker-2"]
    for number in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.9))
        country.kill(names[number % 4] if number < 4 else chance.choice(names))
    for sender in senders:
        sender.join(SECONDS)
    assert all(len(sender.receipts) == 2 for sender in senders), [str(sender.error) for sender in senders]
    check_once(country, packages, senders)


def check_once(country: Country, packages: list[Package], senders: list[Sender]) -> None:
    storage = Storage(country.settings.storage_url)
    try:
        with storage.read() as session:
            accepted, uploads = list_packages(session), list_uploads(session)
            lines = read_audit(session, f"school:{country.reception.ours.school.id}")
    finally:
        storage.close()
    assert sorted(one.package for one in accepted) == sorted(one.package for one in packages)
    receipts = {one.package: one.receipt for one in accepted}
    for package, sender in zip(packages, senders, strict=True):
        assert set(sender.receipts) == {receipts[package.package]}, "one package, one receipt"
    # also where a process died between making an upload and saying so: who asks again goes on with the same one
    assert {one.state for one in uploads} == {"accepted"}
    told = [line.subject for line in lines if line.verb == "package_accepted"]
    assert sorted(told) == sorted(receipts)
    jobs = make_jobs(country.settings)
    wait_until(lambda: not jobs.list_unfinished() and not len(jobs.huey), "the end of every job")
    assert jobs.list_failed() == []


def sign_in(browser: httpx.Client, telephone: str) -> None:
    """A coordinator with the code of a telephone, once a core is back. A code is good once, and another test may have
    used it in the same half minute: that of the next one is taken too."""
    assert any(try_code(browser, telephone, ahead_ms) for ahead_ms in (0, STEP_MS))


def try_code(browser: httpx.Client, telephone: str, ahead_ms: int) -> bool:
    page = wait_for_page(browser)
    page = browser.post("/sign-in", data={
        "csrf_token": CSRF.findall(page)[0], "login": LOGIN, "password": PASSWORD}).text
    code = compute_code(telephone, int(time.time() * 1000) + ahead_ms)
    return browser.post("/sign-in/code", data={"csrf_token": CSRF.findall(page)[0], "code": code}).is_success


def wait_for_page(browser: httpx.Client) -> str:
    found: list[str] = []

    def ask() -> bool:
        answer = browser.get("/sign-in")
        found.append(answer.text)
        return answer.is_success

    wait_until(ask, "the page to sign in")
    return found[-1]


def test_a_person_is_the_same_to_every_process_and_hears_of_what_another_did(country: Country) -> None:
    with httpx.Client(base_url=country.nginx.url, follow_redirects=True) as browser:
        sign_in(browser, country.telephone)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        watchers, heard = [], []
        for number in range(2):
            address = f"http://127.0.0.1:{country.settings.port + number}"
            assert httpx.get(address + "/coordinator/packages", headers={"Cookie": cookie}).status_code == 200
            watchers.append(socketio.Client())
            watchers[-1].on("changed", lambda message, who=number: heard.append(who))
            watchers[-1].connect(address, headers={"Cookie": cookie}, transports=["websocket"], wait_timeout=30)
            assert watchers[-1].call("watch", {"scope": "packages"}, timeout=30) == {"scope": "packages"}
        package = country.reception.package([country.reception.seat(code="60000")],
                                            sitting="99999999-2222-3333-4444-555555555555")
        (country.folder / "heard.age").write_bytes(package.ciphertext)
        country.open_link().upload_package(country.folder / "heard.age", {"package": package.package})
        wait_until(lambda: set(heard) == {0, 1}, "both processes to tell their watchers")
        for watcher in watchers:
            watcher.disconnect()


def test_nginx_sends_files_itself_and_by_ranges(country: Country) -> None:
    wanted = country.data / "archives" / country.reception.archive / "archive.age"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.write_bytes(os.urandom(300_000))
    link = country.open_link()
    headers = {"Authorization": f"Bearer {link._token}", "Protocol": "1.0"}
    address = f"/v1/archives/{country.reception.archive}"
    whole = httpx.get(country.nginx.url + address, headers=headers)
    assert whole.content == wanted.read_bytes() and whole.headers["server"].startswith("nginx")
    part = httpx.get(country.nginx.url + address, headers=headers | {"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, wanted.read_bytes()[1000:2000])
    bare = httpx.get(f"http://127.0.0.1:{country.settings.port}{address}", headers=headers)
    assert bare.content == b"" and bare.headers["x-accel-redirect"].endswith("archive.age")
    assert httpx.get(country.nginx.url + "/.files/keys/session.key").status_code == 404


def test_what_processes_say_to_each_other_is_not_heard_from_outside(country: Country) -> None:
    answer = httpx.post(country.nginx.url + "/v1/internal/uploads/x/verdict", json={"verdict": "verifying"})
    assert answer.status_code == 404
