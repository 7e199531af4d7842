"""Which schools of the board are meant: by territory, words, step and state. Pure; the page's script does the same."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from testing_server.exam_day.monitor.board_queries import SchoolLine
from testing_server.foundation.progress.rules import STEPS, TROUBLES, State, Step, read_line

UNDONE, TROUBLE = "undone", "trouble"
FILTERS = (UNDONE, TROUBLE, *(word.value for word in State))


@dataclass(frozen=True)
class BoardFilter:
    """`territory`: "region" or "region/municipality"; `step`: None for any; `state`: one of FILTERS, "" for all."""

    words: tuple[str, ...] = ()
    step: Step | None = None
    state: str = ""
    territory: str = ""


def read_filter(asked: Mapping[str, str]) -> BoardFilter:
    """From an address; what is not understood filters nothing."""
    step, state = asked.get("step", ""), asked.get("state", "")
    return BoardFilter(tuple(asked.get("find", "")[:200].lower().split()), Step(step) if step in STEPS else None,
                       state if state in FILTERS else "", asked.get("territory", "")[:401])


def choose_lines(lines: Iterable[SchoolLine], chosen: BoardFilter) -> list[SchoolLine]:
    """The schools that fit, in the order they came."""
    return [one for one in lines if _fits_place(one, chosen) and _fits_state(one, chosen)]


def _fits_place(one: SchoolLine, chosen: BoardFilter) -> bool:
    if chosen.territory not in ("", one.region, f"{one.region}/{one.municipality}"):
        return False
    text = f"{one.name} {one.login} {one.region} {one.municipality}".lower()
    return all(word in text for word in chosen.words)


def _fits_state(one: SchoolLine, chosen: BoardFilter) -> bool:
    if not chosen.state:
        return True
    said = read_line(one.line)
    words = [said.get(chosen.step)] if chosen.step is not None else [said.get(step) for step in STEPS]
    if chosen.state == UNDONE:
        return any(word != State.READY for word in words)
    if chosen.state == TROUBLE:
        return any(word in TROUBLES for word in words)
    return chosen.step is None or words[0] == chosen.state
