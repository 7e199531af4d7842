"""Every text a page shows in Russian has its English, in the stage the text belongs to."""
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import testing_server

STAGES = sorted(path.parent for path in Path(testing_server.__file__).parent.glob("*/__init__.py"))
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def collect_texts(stage: Path) -> set[str]:
    found = extract_from_dir(stage, METHODS)
    return {first_form(text) for _file, _line, text, _notes, _context in found}


def read_english(stage: Path) -> dict[str, str]:
    path = stage / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with open(path, "rb") as file:
        catalogue = read_po(file, locale="en")
    return {first_form(message.id): first_form(message.string or "") for message in catalogue if message.id}


def first_form(text: Any) -> str:
    return str(text if isinstance(text, str) else text[0])


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.name)
def test_every_text_has_its_english(stage: Path) -> None:
    english = read_english(stage)
    missing = sorted(text for text in collect_texts(stage) if not english.get(text))
    assert missing == []


def test_texts_are_compiled_by_set_up() -> None:
    path = STAGES[0].parent / "foundation" / "translations" / "en" / "LC_MESSAGES" / "messages.mo"
    with open(path, "rb") as file:
        message = read_mo(file).get("Войти")
    assert message is not None and message.string == "Sign in"
