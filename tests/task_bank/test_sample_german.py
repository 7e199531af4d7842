"""German as it is printed: every text of the work "German, grade 7", advice for markers among them."""
import re

import pytest

from tests.task_bank.language_work import LanguageWork

WORK = LanguageWork("german_grade_7")
TEXTS = [pytest.param(list(WORK.foreign_texts(name)), id=name) for name in WORK.pool()]
ALPHABET = re.compile(r"[A-Za-zÄÖÜäöüß0-9\s.,:;!?…–’„“-]*")
# Old spellings and spellings without umlauts that slip in from a keyboard or an old textbook.
OLD_OR_POOR = re.compile(
    r"\b(daß|muß|mußte|läßt|ißt|Fluß|Schloß|ausser|Strasse|gross\w*|heiss\w*|weiss\w*|fuer|ueber|fuenf|zwoelf)\b")


@pytest.mark.parametrize("texts", TEXTS)
def test_only_german_letters_and_german_marks(texts: list[str]) -> None:
    assert texts
    for text in texts:
        assert ALPHABET.fullmatch(text), re.sub(ALPHABET, "", text)


@pytest.mark.parametrize("texts", TEXTS)
def test_quotes_open_below_and_close_above(texts: list[str]) -> None:
    for text in texts:
        assert not set("„“") & set(re.sub(r"„[^„“]+“", "", text)), text


@pytest.mark.parametrize("texts", TEXTS)
def test_no_space_stands_before_a_mark_and_no_old_spelling(texts: list[str]) -> None:
    for text in texts:
        assert not re.search(r"\s[.,;:!?](\s|$)", text), text
        assert not OLD_OR_POOR.search(text), text


def test_umlauts_and_sharp_s_are_used() -> None:
    everything = " ".join(text for name in WORK.pool() for text in WORK.foreign_texts(name))
    assert set("äöüß") <= set(everything)
