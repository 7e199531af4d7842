"""A robot expert goes home when there is nothing to mark, and for no other reason."""

from __future__ import annotations

from typing import Any

import pytest

from testing_server.rehearsal.experts import RobotExpert
from testing_server.rehearsal.person import Person, Refused


def make_expert(monkeypatch: pytest.MonkeyPatch, refusal: Refused) -> RobotExpert:
    def refuse(*told: Any, **headers: Any) -> Any:
        raise refusal
    monkeypatch.setattr(Person, "sign_in", lambda *told: None)
    monkeypatch.setattr(Person, "open", lambda *told: "")
    monkeypatch.setattr(Person, "send_json", refuse)
    return RobotExpert("http://127.0.0.1:1", "expert", "password", 1)


def test_an_empty_queue_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_expert(monkeypatch, Refused("nothing to mark", 404)).mark_all().answers == 0


def test_a_broken_server_is_not_an_empty_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        make_expert(monkeypatch, Refused("500: line 404 of a page", 500)).mark_all()
