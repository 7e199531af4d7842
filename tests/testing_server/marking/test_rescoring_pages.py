"""The head corrects a key over HTTP: sealed items, accepted answers, a file uploaded, a decision, a new signature."""
from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy
import pytest

from testing_server.foundation.clock import FakeClock
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, services_of
from tests.testing_server.marking.make_commission import Commission, open_seat, seal_work, send_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, enrol

WHY = "Верен и другой ответ, решение комиссии."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commission]:
    """A sealed Metapredmet work; three candidates answered its first position with every choice that is wrong."""
    folder, clock = tmp_path_factory.mktemp("keys"), FakeClock(MOMENT_MS)
    app = make_app(folder / "hub", list_hub_mounts(), clock=clock)
    hub = Hub(app, clock, prepare_hub(services_of(app)))
    ours = enrol(hub)
    work = seal_work(hub, ours, "metapredmet")
    found = Commission(hub, ours, folder, work, work, numpy.zeros(1))
    send_work(found, work, [answer_wrongly(found, number) for number in range(3)], "1" * 8)
    yield found
    close_app(app)


def answer_wrongly(made: Commission, number: int):
    seat = open_seat(made, made.metapredmet, number, f"5432{number}")
    key = next(one for one in made.metapredmet.keys[number % len(made.metapredmet.keys)]["items"]
               if one["position"] == 1)
    wrong = next(opaque for opaque, original in key["identifiers"].items() if original == wrong_choice(key["item"]))
    seat.answer(key["id"], next(iter(key["responses"])), wrong)
    return seat.finish()


def read_key(item: str) -> str:
    xml = (Path("task_bank/samples/metapredmet/items") / f"{item}.xml").read_text(encoding="utf-8")
    found = re.search(r"<qti-value>(c\d)</qti-value>", xml)
    assert found is not None
    return found[1]


def name_choice(item: str, choice: str) -> str:
    xml = (Path("task_bank/samples/metapredmet/items") / f"{item}.xml").read_text(encoding="utf-8")
    found = re.search(rf'identifier="{choice}">\s*(\S[^<]{{20}})', xml)
    assert found is not None
    return found[1]


def wrong_choice(item: str) -> str:
    return next(choice for choice in ("c1", "c2", "c3", "c4") if choice != read_key(item))


@pytest.fixture(scope="module")
def head(made: Commission) -> Browser:
    return made.hub.browser("head", "expert", is_head=True, subjects=["*"])


def upload(head: Browser, item: str, content: bytes, reason: str = WHY):
    return head.post(f"/commission/keys/metapredmet/{item}", {"reason": reason, "file": (BytesIO(content), "c.xml")},
                     page="/password", content_type="multipart/form-data")


def first_item(head: Browser) -> str:
    head.client.get("/commission")
    found = re.search(r'/commission/keys/metapredmet/(\w+-01)"', head.client.get("/commission/keys").text)
    assert found is not None
    return found[1]


def test_a_key_is_corrected_from_file_to_points(head: Browser) -> None:
    item = first_item(head)
    page = head.client.get(f"/commission/keys/metapredmet/{item}").text
    assert name_choice(item, wrong_choice(item)) in page
    sealed = head.client.get(f"/commission/keys/metapredmet/{item}.xml").data
    old, new = (f"<qti-value>{choice}<".encode() for choice in (read_key(item), wrong_choice(item)))
    corrected = sealed.replace(old, new, 1)
    reply = upload(head, item, corrected)
    assert reply.status_code == 302, reply.text
    draft = reply.headers["Location"]
    assert "Пока ничего не изменено" in head.client.get(draft).text
    assert head.client.get(f"/commission/keys/metapredmet/{item}.xml").data == sealed, "a draft scores nobody"
    assert head.post(f"{draft}/apply", page="/password").status_code == 302
    assert head.client.get(f"/commission/keys/metapredmet/{item}.xml").data == corrected
    listed = head.client.get("/commission/keys").text
    assert WHY in listed and "применено" in listed
    assert "100 %" in listed
    again = head.post(f"{draft}/apply", page="/password")
    assert again.status_code == 409 and "уже применено" in again.text


def test_a_file_that_is_no_correction_says_why(head: Browser) -> None:
    item = first_item(head)
    current = head.client.get(f"/commission/keys/metapredmet/{item}.xml").data
    for content in (current, b"<html>", current.replace(b"?</qti-prompt>", b"!</qti-prompt>"), b""):
        reply = upload(head, item, content)
        assert reply.status_code == 422 and "не может заменить" in reply.text or f"{item}.xml" in reply.text
    assert upload(head, item, current, reason="нет").status_code == 422


def test_only_the_head_corrects_keys(made: Commission, head: Browser) -> None:
    item = first_item(head)
    expert = made.hub.browser("plain-expert", "expert")
    page = f"/commission/keys/metapredmet/{item}"
    for path in ("/commission/keys", page, f"{page}.xml"):
        assert expert.client.get(path).status_code == 403
    assert upload(expert, item, b"<x/>").status_code == 403
    assert head.client.get("/commission/keys/metapredmet/unknown").status_code == 404
    assert head.client.get("/commission/keys/metapredmet/..%2F..%2Fsecret.xml").status_code == 404
