"""What of a log line may leave the school. Pure: lines come in, lines without anybody's data come out.

By allow-list of shapes: a log line's own words stay, whatever it quotes goes; of a traceback only places and the kind
of the error stay, for its message may hold anything.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

HEAD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+: ")
PLACE = re.compile(r'\s+File "[^"]*?([\w.-]+/[\w.-]+\.py)", line (\d+), in (\w+)')
# the last line of a traceback: a dotted name whose last part begins with a capital, alone or before a colon
KIND = re.compile(r"((?:[a-z_]\w*\.)*[A-Z][A-Za-z]+)(?::|$)", re.ASCII)
ERRORS = ("Error", "Exception", "Timeout", "Interrupt", "Exit", "Refusal", "Refused", "Missing", "Busy", "Full")
TITLE = "Traceback (most recent call last):"
# codes have five digits, logins eight, ciphers thirty; a count of four or fewer tells nothing of a person
HIDDEN = (
    (re.compile(r"'[^']*'|\"[^\"]*\"|«[^»]*»"), "'…'"),
    (re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"), "<id>"),
    (re.compile(r"(?:https?|wss?)://\S+"), "<address>"),
    (re.compile(r"[\w.+-]+@[\w.-]+"), "<mail>"),
    (re.compile(r"(?<!\w)/[^\s,;:]*"), "<path>"),
    (re.compile(r"AGE-[\w-]+|age1\w+"), "<key>"),
    (re.compile(r"[\w+/=-]{24,}"), "<long>"),
    (re.compile(r"(?:\d[ \u00a0-]?){5,}"), "#"),
    (re.compile(r"[^\x00-\x7f…]+"), "…"),
)
LONGEST = 400


def scrub_lines(lines: Iterable[str]) -> Iterator[str]:
    """What may leave; lines of a shape that is not known are left out."""
    for line in lines:
        told = scrub_line(line.rstrip("\n"))
        if told:
            yield told


def scrub_line(line: str) -> str:
    """One line, "" for one that stays at home."""
    head = HEAD.match(line)
    if head is not None:
        return head[0] + hide(line[head.end():])[:LONGEST]
    if line == TITLE:
        return line
    place = PLACE.match(line)
    if place is not None:
        return f"  {place[1]}:{place[2]} {place[3]}"
    kind = KIND.match(line)
    return kind[1] if kind is not None and kind[1].endswith(ERRORS) else ""


def hide(text: str) -> str:
    """A text without what it quotes, numbers of five and more digits, addresses, keys and other alphabets."""
    for pattern, instead in HIDDEN:
        text = pattern.sub(instead, text)
    return text
