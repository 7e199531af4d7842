"""Whoever may knock at a server: people of every role, workstations, schools, our own worker, strangers.

Takes an application. Gives `Caller`s, each with what it passes as and a way to ask any endpoint.
"""
import uuid
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from testing_server.foundation.access import AccountRole, judge_level, list_words
from testing_server.foundation.rights import CLASSROOM_RIGHTS, HUB_RIGHTS
from testing_server.foundation.tokens import make_token
from tests.builders import open_browser, services_of

RIGHTS = {right.name: right.roles for right in (*CLASSROOM_RIGHTS, *HUB_RIGHTS)}
LONG_MS = 3_600_000
# of a regional and a municipal coordinator
TERRITORIES = ("Край", "Край/Район")
# what stands in an address for a thing that there is not
NOTHING = {"str": str(uuid.UUID(int=7)), "sha256": "0" * 64, "day": "2025-10-09", "move": "block"}


@dataclass
class Caller:
    """`passes`: words of the table; `role`: of a person, "" for programs; `own`: its own values of addresses.

    `territory`: of a coordinator; by it the level.
    """

    name: str
    client: FlaskClient
    passes: frozenset[str]
    role: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    territory: str | None = None

    def may(self, words: list[str]) -> bool:
        """Whether the table lets it pass."""
        mine = list_words(self.role, self.territory)
        return any(word == "anyone" or word in self.passes or bool(mine & RIGHTS.get(word, frozenset()))
                   for word in words)

    def ask(self, method: str, address: str, **options: object) -> TestResponse:
        return self.client.open(address, method=method, headers=self.headers, **options)  # type: ignore[arg-type]


def make_person(app: Flask, role: str, territory: str | None = None) -> Caller:
    """Signed in with a password of their own."""
    name = f"{role} {judge_level(territory)}" if territory else role
    browser = open_browser(app, f"one-{name.replace('_', '-').replace(' ', '-')}", role, territory=territory)
    return Caller(name, browser.client, frozenset({"signed_in"}), role, territory=territory)


def make_program(app: Flask, name: str, kind: str, subject: str, passes: frozenset[str], **own: str) -> Caller:
    """A program with a token of the server."""
    offered = services_of(app)
    token = make_token(offered.mac_key, subject, kind, offered.clock.now_ms() + LONG_MS)
    return Caller(name, app.test_client(), passes, headers={"Authorization": f"Bearer {token}"}, own=own)


def make_worker(app: Flask) -> Caller:
    """Our own process on loopback."""
    secret = services_of(app).internal_secret
    return Caller("worker", app.test_client(), frozenset({"worker"}), headers={"Authorization": f"Internal {secret}"})


def make_strangers(app: Flask) -> list[Caller]:
    """Nobody; and who shows what is no longer or never was good."""
    old = make_token(services_of(app).mac_key, "w", "workstation", services_of(app).clock.now_ms())
    late = Caller("late seat", app.test_client(), frozenset(), headers={"Authorization": f"Bearer {old}"})
    return [Caller("stranger", app.test_client(), frozenset()), late]


def list_people(app: Flask) -> list[Caller]:
    """One of every role of this server, and one of a role that has no business at it."""
    rights = CLASSROOM_RIGHTS if services_of(app).settings.role == "classroom" else HUB_RIGHTS
    own = {role.partition(".")[0] for right in rights for role in right.roles}
    foreign = next(role.value for role in AccountRole if role.value not in own)
    below = [make_person(app, "coordinator", territory) for territory in TERRITORIES if "coordinator" in own]
    return [*(make_person(app, role) for role in [*sorted(own), foreign]), *below]


def fill_address(app: Flask, rule: Rule, own: dict[str, str]) -> str:
    """The rule's address, about things of the caller where it has them, else about things that there are not."""
    numbers = {name for name in rule.arguments if f"<int:{name}>" in rule.rule}
    values = {name: own.get(name, 1 if name in numbers else NOTHING.get(name, NOTHING["str"]))
              for name in rule.arguments}
    return rule.build(values, append_unknown=False)[1]  # type: ignore[index]
