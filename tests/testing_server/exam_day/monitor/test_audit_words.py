"""Every act that a hub keeps has words for the people who read its log."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import testing_server
from testing_server.exam_day.monitor.audit_words import VERBS, name_verb

ROOT = Path(testing_server.__file__).parent
# what runs at a hub
FOLDERS = ("foundation", "preparation", "marking", "outcomes", "exam_day/monitor", "exam_day/reception",
           "exam_day/rehearsals/hub_actions.py")
# functions that write a line, and which of their arguments is the verb
WRITERS = {"append_audit": 4, "_note_act": 4, "_amend": 1, "forget_sheets": 1}


def find_verbs() -> Iterator[tuple[str, str]]:
    """(file, verb as it is written in the code): a text, or the beginning of one that ends with a variable."""
    for folder in FOLDERS:
        for path in [ROOT / folder] if folder.endswith(".py") else (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call):
                    yield from ((path.name, verb) for verb in read_verbs(call))


def read_verbs(call: ast.Call) -> Iterator[str]:
    name, arguments = getattr(call.func, "id", getattr(call.func, "attr", "")), list(call.args)
    if name == "partial" and arguments and isinstance(arguments[0], ast.Name):
        # partial(forget_sheets, kinds, verb)
        name, arguments = arguments[0].id, arguments[1:]
    if name in WRITERS and len(arguments) > WRITERS[name]:
        yield from read_texts(arguments[WRITERS[name]])


def read_texts(written: ast.expr) -> Iterator[str]:
    if isinstance(written, ast.IfExp):
        yield from (*read_texts(written.body), *read_texts(written.orelse))
    elif isinstance(written, ast.JoinedStr):
        yield f"{getattr(written.values[0], 'value', '')}*"
    elif isinstance(written, ast.Constant):
        yield str(written.value)


def test_every_verb_has_words() -> None:
    found = set(find_verbs())
    assert {"zone_change_refused", "kit_*", "cipher_replaced", "marks_undone"} <= {verb for _file, verb in found}
    assert [(file, verb) for file, verb in sorted(found) if not is_known(verb)] == []


def is_known(verb: str) -> bool:
    return any(known.startswith(verb[:-1]) for known in VERBS) if verb.endswith("*") else verb in VERBS


def test_an_unknown_verb_is_still_shown() -> None:
    assert name_verb("something_new") == "something new"
