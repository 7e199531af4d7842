"""French as it is printed: every text of the work "French, grade 7", advice for markers among them."""
import re

import pytest

from tests.task_bank.language_work import LanguageWork

WORK = LanguageWork("french_grade_7")
TEXTS = [pytest.param(list(WORK.foreign_texts(name)), id=name) for name in WORK.pool()]
ALPHABET = re.compile(r"[A-Za-zÀÂÇÉÈÊËÎÏÔŒÙÛÜàâçéèêëîïôœùûü0-9\s.,:;!?…–’«»-]*")
NO_BREAK = "\u00a0"
# A vowel or a silent h after these words takes their own vowel away; an aspirated h does not.
ELISION = re.compile(
    rf"\b(le|la|de|je|me|te|se|ne|que|jusque)[ {NO_BREAK}](?!huit|onze|oui|haut|héros|hockey)[aeiouyéèêâîôûh]",
    re.IGNORECASE)
WITHOUT_LIGATURE = re.compile(r"\b(soeur|coeur|oeuf|oeuvre|boeuf|voeu)", re.IGNORECASE)


@pytest.mark.parametrize("texts", TEXTS)
def test_only_french_letters_and_french_marks(texts: list[str]) -> None:
    assert texts
    for text in texts:
        assert ALPHABET.fullmatch(text), re.sub(ALPHABET, "", text)


@pytest.mark.parametrize("texts", TEXTS)
def test_a_space_that_does_not_break_stands_at_double_marks(texts: list[str]) -> None:
    for text in texts:
        assert not re.search(rf"[^{NO_BREAK}][;:!?»]", text), text
        assert not re.search(rf"«[^{NO_BREAK}]", text), text


@pytest.mark.parametrize("texts", TEXTS)
def test_no_space_stands_before_a_comma_or_behind_an_apostrophe(texts: list[str]) -> None:
    for text in texts:
        assert not re.search(r"\s,|’\s|\s’", text), text


@pytest.mark.parametrize("texts", TEXTS)
def test_elisions_and_ligatures_are_made(texts: list[str]) -> None:
    for text in texts:
        assert not ELISION.search(text), text
        assert not WITHOUT_LIGATURE.search(text), text


def test_accents_and_ligatures_are_used() -> None:
    everything = " ".join(text for name in WORK.pool() for text in WORK.foreign_texts(name))
    assert set("àâçéèêîôœùû") <= set(everything)
