"""Every text a page shows in Russian has its English, in the stage the text belongs to."""
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import testing_server

STAGES = sorted(path.parent for path in Path(testing_server.__file__).parent.glob("*/__init__.py"))
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def collect_texts(stage: Path) -> set[str]:
    found = extract_from_dir(stage, METHODS)
    return {text if isinstance(text, str) else text[0] for _file, _line, text, _notes, _context in found}


def read_english(stage: Path) -> dict[str, str]:
    path = stage / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with open(path, "rb") as file:
        return {message.id if isinstance(message.id, str) else message.id[0]: message.string
                for message in read_po(file, locale="en") if message.id}


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.name)
def test_every_text_has_its_english(stage: Path) -> None:
    english = read_english(stage)
    missing = sorted(text for text in collect_texts(stage) if not english.get(text))
    assert missing == []


def test_texts_are_compiled_by_set_up() -> None:
    path = STAGES[0].parent / "foundation" / "translations" / "en" / "LC_MESSAGES" / "messages.mo"
    with open(path, "rb") as file:
        assert read_mo(file).get("Войти").string == "Sign in"
