"""The steps of a school and the words for them, named once. Pure: takes words; gives the letter and the line of them.

A line has one letter for each step, in the order of STEPS: the place of the word in WORST_FIRST, or NOTHING.
"""
from collections.abc import Iterable
from enum import StrEnum

NOTHING = "-"


class Step(StrEnum):
    """What a school goes through in a campaign. `work` of a posting says which of several: an assessment, a sitting."""

    APPLICATION = "application"      # which works, in which form, how many: sent and confirmed
    SCHEDULE = "schedule"            # the days of the works: sent and agreed
    MATERIALS = "materials"          # archives: running when one is ready to be fetched, ready when fetched; per work
    TRAINING = "training"            # software fetched, server enrolled, rehearsal held; `work` says which
    CODES = "codes"                  # participants' codes issued
    CIPHERS = "ciphers"              # the cipher was fetched; per work
    SITTINGS = "sittings"            # running and troubles as the classroom says; per sitting
    FINISHED = "finished"            # everybody of a sitting is through; per sitting
    PACKAGES = "packages"            # received and verified; per sitting
    FORMS = "forms"                  # result forms uploaded; per work
    QUESTIONNAIRES = "questionnaires"    # context data uploaded
    MARKING = "marking"              # criteria fetched and marking on: running; protocol signed: ready; per work


class State(StrEnum):
    """How far a step is."""

    STOPPED = "stopped"
    OFFLINE = "offline"
    ATTENTION = "attention"
    RUNNING = "running"
    WAITING = "waiting"
    READY = "ready"


STEPS = tuple(Step)
WORST_FIRST = tuple(State)
TROUBLES = WORST_FIRST[:3]


def join_states(states: Iterable[str]) -> State | None:
    """One word for a step of several works: the worst; begun and not through is running; None when nothing was said."""
    found = {State(state) for state in states}
    if not found:
        return None
    if found == {State.WAITING, State.READY}:
        return State.RUNNING
    return min(found, key=WORST_FIRST.index)


def write_letter(state: State | None) -> str:
    """One letter of a line."""
    return NOTHING if state is None else str(WORST_FIRST.index(state))


def change_line(line: str, step: Step, state: State | None) -> str:
    """The line with one step's letter replaced; "" is the line of a school that nothing is known of."""
    letters = list(line.ljust(len(STEPS), NOTHING))
    letters[STEPS.index(step)] = write_letter(state)
    return "".join(letters)


def read_line(line: str) -> dict[Step, State]:
    """Step -> word, without the steps nothing was said of."""
    return {step: WORST_FIRST[int(letter)] for step, letter in zip(STEPS, line, strict=False) if letter != NOTHING}
