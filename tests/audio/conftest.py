"""Spoken files and the virtual microphone, made once for all tests of sound."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.faults import ToolMissing
from audio.levels import Samples
from audio.sources import read_mono
from audio.virtual import VirtualMicrophone, speak_text, start_virtual_microphone
from tests.audio.builders import RATE

TEXTS = {
    "en": "Hello, my name is Anna. In the picture I can see two children playing football.",
    "ru": "На фотографии я вижу двух детей, они играют в футбол. Погода хорошая.",
    "de": "Auf dem Bild sehe ich zwei Kinder, die im Park Fußball spielen.",
    "fr": "Sur la photo je vois deux enfants qui jouent au football dans le parc.",
}


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A spoken WAV file for each language."""
    folder = tmp_path_factory.mktemp("spoken")
    return {language: speak_text(text, language, folder / f"{language}.wav")
            for language, text in TEXTS.items()}


@pytest.fixture(scope="session")
def speech(spoken: dict[str, Path]) -> dict[str, Samples]:
    """The same as samples at the tests' rate."""
    return {language: np.concatenate(list(read_mono(path, RATE))) for language, path in spoken.items()}


@pytest.fixture
def virtual_microphone() -> Iterator[VirtualMicrophone]:
    """A running virtual microphone; its folder has a short name, because sockets' paths must be short."""
    with tempfile.TemporaryDirectory(prefix="vm") as folder:
        try:
            with start_virtual_microphone(Path(folder)) as microphone:
                yield microphone
        except ToolMissing as refusal:
            pytest.skip(str(refusal))
