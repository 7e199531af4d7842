"""Requests nobody thought of: what hypothesis makes of an endpoint's own field names and the server's own ids.

Takes rules and callers. Gives strategies of requests; the names of fields are read from the views themselves, so a new
endpoint is fuzzed from its first day.
"""
import inspect
import re
import sys
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import msgspec
from flask import Flask
from hypothesis import strategies as st
from werkzeug.routing import Rule

from tests.testing_server.endpoint_callers import NOTHING, Caller

READ_BODY = re.compile(r"read_body\((\w+)\)")
NAMES = re.compile(r"""(?:\.get|\.getlist|body|form|args|files)[(\[]["'](\w+)["']""")
NUMBERS = (0, 1, -1, 4096, 2 ** 31, 2 ** 53, 2 ** 63 - 1, 2 ** 63, -2 ** 63 - 1, 10 ** 30)
TEXTS = ("", " ", "0", "-1", "x" * 5000, "\x00", "имя", "😀", "..", "../../etc/passwd", "%00", "'; DROP TABLE event",
         "null", "2025-10-09", "2025-13-99", "all", "start", "pause", "resume", "extra_time", "credit", "finish",
         "move", "message", "block", "remove", "unblock", "1e999", "99999999999999999999", "٣", "\ud800", "a" * 64,
         "0" * 64)
SCOPES = ("sitting", "workstations", "archives", "packages", "monitor", "marking", "sealing", "", "x")
# these end the session that asks; the table of roles asks them once
ENDING = {"/sign-out", "/lock", "/language"}


@dataclass(frozen=True)
class Request:
    """One request: whose it is and all that travels. `json` and `form` are never both there."""

    caller: Caller
    method: str
    rule: str
    address: str
    query: dict[str, str]
    json: Any = None
    form: dict[str, Any] | None = None
    raw: bytes | None = None

    def send(self) -> Any:
        options: dict[str, Any] = {"query_string": self.query}
        if self.raw is not None:
            options["data"] = self.raw
        elif self.form is not None:
            options["data"] = self.form
        elif self.method != "GET":
            options["data"], options["content_type"] = msgspec.json.encode(self.json), "application/json"
        return self.caller.ask(self.method, self.address, **options)

    def __str__(self) -> str:
        what = self.raw if self.raw is not None else self.form if self.form is not None else self.json
        return f"{self.caller.name}: {self.method} {self.address} {self.query} {what!r}"[:600]


def make_texts(known: list[str]) -> st.SearchStrategy[str]:
    """Ids of things that are there, notorious texts, and any text."""
    return st.one_of(st.sampled_from(known), st.sampled_from(known), st.sampled_from(TEXTS),
                     st.text(st.characters(codec="utf-8"), max_size=20))


def make_values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Any JSON."""
    leaves = st.one_of(texts.map(drop_surrogates), st.sampled_from(NUMBERS[:6]), st.integers(), st.booleans(),
                       st.none(), st.floats(allow_nan=False, allow_infinity=False))
    return st.recursive(leaves, lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts.map(drop_surrogates), inner, max_size=3)), max_leaves=6)


def drop_surrogates(text: str) -> str:
    return text.encode(errors="replace").decode()


def fit_type(kind: Any, texts: st.SearchStrategy[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what a field of this type should hold."""
    origin, inside = get_origin(kind) or kind, get_args(kind)
    right: st.SearchStrategy[Any] = values
    if origin is str:
        right = texts.map(drop_surrogates)
    elif origin is int:
        right = st.one_of(st.sampled_from(NUMBERS[:8]), st.integers(-10, 100_000))
    elif origin is bool:
        right = st.booleans()
    elif origin is list:
        right = st.lists(fit_type(inside[0] if inside else Any, texts, values), max_size=4)
    elif origin is dict:
        right = st.dictionaries(texts.map(drop_surrogates), fit_type(inside[1], texts, values) if inside else values,
                                max_size=3)
    return st.one_of(right, right, right, values)


def make_bodies(view: Any, texts: st.SearchStrategy[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON bodies in the form of the message that the view reads; else of the names it looks for."""
    source, module = inspect.getsource(view), sys.modules[view.__module__]
    found = READ_BODY.search(source)
    if found:
        fields = msgspec.structs.fields(getattr(module, found.group(1)))
        typed = {field.name: fit_type(field.type, texts, values) for field in fields}
        return st.one_of(st.fixed_dictionaries(typed), st.fixed_dictionaries(typed),
                         st.fixed_dictionaries({}, optional=typed), values)
    names = sorted(set(NAMES.findall(inspect.getsource(module)))) or ["x"]
    return st.one_of(st.dictionaries(st.sampled_from(names), values, max_size=8), values)


def make_messages(known: list[str]) -> st.SearchStrategy[Any]:
    """What may come over a socket: objects of the names that handlers look for, and anything else."""
    texts = make_texts(known)
    values = make_values(texts)
    scopes = st.builds(lambda kind, rest: f"{kind}:{drop_surrogates(rest)}", st.sampled_from(SCOPES), texts)
    named = st.fixed_dictionaries({}, optional={
        "scope": st.one_of(scopes, values), "attempt": st.one_of(texts.map(drop_surrogates), values),
        "dbfs_x10": st.one_of(st.sampled_from(NUMBERS), values), "speech": values, "token": values})
    return st.one_of(named, named, values)


def make_requests(app: Flask, line: tuple[str, str], rule: Rule, callers: list[Caller],
                  known: list[str]) -> st.SearchStrategy[Request]:
    """Requests to one method of one address."""
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    texts, module = make_texts(known), sys.modules[view.__module__]
    values = make_values(texts)
    names = sorted(set(NAMES.findall(inspect.getsource(module)))) or ["x"]
    query = st.dictionaries(st.sampled_from(names), texts.map(drop_surrogates), max_size=2)
    forms = st.dictionaries(st.sampled_from(names), texts.map(drop_surrogates), max_size=8)
    is_api = rule.rule.startswith("/v1/") or line[0] not in ("GET", "POST")
    body = make_bodies(view, texts, values) if is_api else st.none()
    raw = st.one_of(st.none(), st.none(), st.none(), st.binary(max_size=60))

    @st.composite
    def make(draw: Any) -> Request:
        caller = draw(st.sampled_from(callers))
        address = draw(fill(rule, caller.own, texts))
        return Request(caller, line[0], rule.rule, address, draw(query), draw(body),
                       None if is_api or line[0] == "GET" else draw(forms), draw(raw) if line[0] != "GET" else None)
    built: st.SearchStrategy[Request] = make()
    return built


def fill(rule: Rule, own: dict[str, str], texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An address with the caller's own things, things that there are not, or any text that a path may hold."""
    def choose(name: str) -> st.SearchStrategy[Any]:
        if f"<int:{name}>" in rule.rule:
            return st.sampled_from([number for number in NUMBERS if number >= 0])
        plain = texts.map(drop_surrogates).filter(lambda text: "/" not in text and text not in ("", ".", ".."))
        return st.one_of(st.just(own.get(name, NOTHING["str"])), plain)

    def build(values: dict[str, Any]) -> str:
        # a converter that quotes nothing (uuid) would begin a query here
        return rule.build(values, append_unknown=False)[1].replace("?", "%3F")  # type: ignore[index]
    return st.fixed_dictionaries({name: choose(name) for name in sorted(rule.arguments)}).map(build)
