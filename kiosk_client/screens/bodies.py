"""Bodies of the page's actions: one struct each; whatever has another form is refused before anything happens."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from audio.devices import Direction
from testing_server.contracts.calls import CallReason

ShortText = Annotated[str, Meta(max_length=500)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Value = Annotated[str, Meta(max_length=20_000)] | Annotated[list[Annotated[str, Meta(max_length=500)]],
                                                            Meta(max_length=500)] | None


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all bodies."""


class Nothing(Body):
    """An action without details."""


class Server(Body):
    server: ShortText = ""


class YesNo(Body):
    yes: bool


class Login(Body):
    login: ShortText


class Language(Body):
    language: Annotated[str, Meta(pattern="^(ru|en)$")]


class ExitCode(Body):
    code: Annotated[str, Meta(max_length=40)] = ""


class FocusLost(Body):
    """How often the page lost the keyboard since the last report, and for how long."""

    times: Annotated[int, Meta(ge=0, le=1000)] = 1
    away_ms: Annotated[int, Meta(ge=0, le=86_400_000)] = 0


class ScreenChanged(Body):
    """What changed: the size of the window, the whole screen left or taken again, a second screen."""

    change: Annotated[str, Meta(pattern="^(size|full_screen|screens)$")]
    width: Annotated[int, Meta(ge=0, le=100_000)]
    height: Annotated[int, Meta(ge=0, le=100_000)]
    is_full: bool = True
    is_extended: bool = False


class Screen(Body):
    """The size of the screen and the name of the browser, for the report of the check."""

    screen: ShortText = ""
    browser: ShortText = ""


class Answer(Body):
    item: Name
    response: Name
    value: Value


class ItemNamed(Body):
    item: Name


class Hearing(Body):
    item: Name
    play: Annotated[int, Meta(ge=1, le=100)]
    position_ms: Annotated[int, Meta(ge=0, le=86_400_000)] = 0


class Call(Body):
    reason: CallReason = CallReason.HAND


class Volume(Body):
    """In per cent; never so low that a hearing would be lost."""

    percent: Annotated[int, Meta(ge=10, le=100)]


class ChosenDevice(Body):
    """`key`: of a device that the list named."""

    direction: Direction
    key: Name


class DeviceDirection(Body):
    direction: Direction


class MessageRead(Body):
    number: int
