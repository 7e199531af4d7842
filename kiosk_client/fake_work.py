"""A short work of four items for tests and for trying the screens: written, listening, speaking, a short text.

Gives the public assessment, the variant and its media in the forms of the materials archive.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyrage
import soundfile

from testing_server.contracts.canonical import encode_canonical, sha256_hex

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">
<rect width="320" height="180" fill="#dfe9f2"/><circle cx="250" cy="50" r="26" fill="#f2c14e"/>
<path d="M0 180 90 80l70 70 60-50 100 80z" fill="#5b7f5b"/></svg>"""


def make_sound(seconds: float = 2.0) -> bytes:
    """A soft tone as OGG/Opus."""
    times = np.arange(int(seconds * 48_000)) / 48_000
    file = io.BytesIO()
    soundfile.write(file, 0.2 * np.sin(2 * np.pi * 330 * times), 48_000, format="OGG", subtype="OPUS")
    return file.getvalue()


def _titled(number: int, kind: str, russian: str, english: str) -> dict[str, Any]:
    return {"number": number, "kind": kind, "points": 2, "title": {"ru": russian, "en": english}, "auto_move": False,
            "time_s": None}


def make_assessment(sound_check: bool = True, duration_s: int = 600) -> dict[str, Any]:
    """The public part of assessment.json."""
    return {
        "format": "assessment/1", "id": "fake-1", "version": 1, "subject": "english", "grade": 7, "counted": False,
        "title": {"ru": "Пробная работа", "en": "A trial work"}, "content_language": "en", "duration_s": duration_s,
        "drafts_allowed": True, "on_move": "continue", "auto_credit_s": 300, "sound_check": sound_check,
        "sound_check_again": True,
        "instruction": {"ru": ["Работа состоит из четырёх заданий.", "Ответы сохраняются сами."],
                        "en": ["The work has four tasks.", "Answers are saved by themselves."]},
        "positions": [
            _titled(1, "written", "Выбор ответа", "A choice"),
            {**_titled(2, "listening", "Аудирование", "Listening"), "listening": {"read_s": 1, "plays": 2}},
            {**_titled(3, "speaking", "Чтение вслух", "Reading aloud"), "speaking": SPEAKING},
            _titled(4, "written", "Короткий ответ", "A short answer"),
        ],
        "total_points": 8,
    }


SPEAKING = {"prepare_s": 4, "record_s": 6, "takes": 1, "early_start": True, "early_finish": True, "playback": True}


def _choice(item: str, kind: str) -> str:
    """A choice of three as the renderer draws it."""
    options = "".join(f'<label class="qti-option"><input type="{kind}" name="{item}-r1" value="c{n}">'
                      f'<span class="qti-option-text">Answer {n}</span></label>' for n in (1, 2, 3))
    cardinality, most = ("single", 1) if kind == "radio" else ("multiple", 0)
    return (f'<fieldset class="qti-choice" data-response="r1" data-kind="choice" data-cardinality="{cardinality}" '
            f'data-max="{most}"><legend class="qti-prompt">Choose</legend><div class="qti-options">{options}</div>'
            "</fieldset>")


def _item(number: int, kind: str, html: str, interactions: list[dict[str, str]], media: list[str],
          **more: Any) -> dict[str, Any]:
    base = {"id": f"i{number}", "position": number, "kind": kind, "points": 2, "content_language": "en",
            "title": make_assessment()["positions"][number - 1]["title"], "auto_move": False, "time_s": None,
            "html": f'<div class="qti-item">{html}</div>', "interactions": interactions, "media": media,
            "listening": None, "speaking": None}
    return {**base, **more}


FREE_TEXT = ('<div class="qti-extended-text"><p class="qti-prompt" id="letter">Write a letter</p><textarea rows="3" '
             'aria-labelledby="letter" data-response="r2" data-kind="extended_text" data-cardinality="single">'
             '</textarea></div>')


def make_items(sound: str, picture: str, speaking: dict[str, Any], language: str = "en",
               free_text: bool = False) -> list[dict[str, Any]]:
    """The rendered items; `sound` and `picture` are the SHA-256s of the media, `language` the one answers are in;
    `free_text`: the last item asks for a letter too."""
    letter = [{"id": "r2", "kind": "extended_text", "cardinality": "single", "base_type": "string"}] * free_text
    choice = [{"id": "r1", "kind": "choice", "cardinality": "single", "base_type": "identifier"}]
    several = [{"id": "r1", "kind": "choice", "cardinality": "multiple", "base_type": "identifier"}]
    text = [{"id": "r1", "kind": "text_entry", "cardinality": "single", "base_type": "string"}]
    return [
        _item(1, "written", f"<p>Read and choose.</p>{_choice('i1', 'radio')}", choice, []),
        _item(2, "listening", f'<p>Listen and choose.</p><div data-slot="listening"></div>{_choice("i2", "checkbox")}',
              several, [sound], listening={"response": "r0", "media": sound, "plays": 2, "read_s": 1}),
        _item(3, "speaking", f'<p>Read aloud: the sun rises over the hills.</p><img src="media/{picture}" '
              'alt="Hills under the sun"><div data-slot="speaking"></div>', [], [picture],
              speaking={"response": "r2", **speaking}),
        _item(4, "written", '<p>Write one word: <label>answer <input type="text" class="qti-text-entry" '
              'data-response="r1" data-kind="text_entry" data-cardinality="single" size="12" maxlength="500">'
              f"</label></p>{FREE_TEXT * free_text}", [*text, *letter], [], content_language=language),
    ]


@dataclass
class FakeWork:
    """The work, its variant and its encrypted bundles. `keys`: bundle SHA-256 -> age identity."""

    speaking: dict[str, Any] = field(default_factory=lambda: dict(SPEAKING))
    sound_check: bool = True
    duration_s: int = 600
    number: str = "48213"
    language: str = "en"
    free_text: bool = False

    def __post_init__(self) -> None:
        sound, picture = make_sound(), PICTURE
        self.assessment = make_assessment(self.sound_check, self.duration_s)
        self.items = make_items(sha256_hex(sound), sha256_hex(picture), self.speaking, self.language,
                                self.free_text)
        variant = {"format": "variant/1", "number": self.number, "assessment": "fake-1", "items": self.items}
        self.bundles: dict[str, bytes] = {}
        self.keys: dict[str, str] = {}
        self.listed: list[dict[str, Any]] = []
        self.variant_bundle = self._seal(encode_canonical(variant), "", "application/json")
        self.media = {sha256_hex(data): self._seal(data, sha256_hex(data), kind)
                      for data, kind in ((sound, "audio/ogg"), (picture, "image/svg+xml"))}

    def _seal(self, data: bytes, plain: str, kind: str) -> str:
        identity = pyrage.x25519.Identity.generate()
        sealed = pyrage.encrypt(data, [identity.to_public()])
        name = hashlib.sha256(sealed).hexdigest()
        self.bundles[name], self.keys[name] = sealed, str(identity)
        self.listed.append({"sha256": name, "bytes": len(sealed), "plain": plain, "type": kind})
        return name
