"""The sound check of a workstation as a pure state machine: hear a phrase, say a phrase, hear yourself.

Takes what happened (a person's yes or no, the judgement of the said phrase), gives the next state. States are
immutable; nothing here plays, records or knows the time.
"""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from audio.devices_state import Silence
from audio.faults import SoundRefusal
from audio.speech_quality import Judgement
from audio.verdicts import Verdict

# After so many failed tries in one step the organizer is called; the candidate may still try again.
TRIES_BEFORE_HELP = 3


class Step(StrEnum):
    hear = "hear"
    say = "say"
    hear_yourself = "hear_yourself"
    passed = "passed"


class Problem(StrEnum):
    """What went wrong beside the verdict on the said phrase."""

    phrase_not_heard = "phrase_not_heard"
    own_voice_not_heard = "own_voice_not_heard"
    phrase_not_said = "phrase_not_said"
    device_refused = "device_refused"
    unplugged = "unplugged"
    muted = "muted"
    turned_down = "turned_down"
    own_switch = "own_switch"


class StepRefused(SoundRefusal):
    """The answer belongs to another step (a late click, a page opened twice)."""

    code = "step_refused"


@dataclass(frozen=True)
class SoundCheck:
    """Where the check stands. `verdict` and `usual_speech_db10` are of the phrase last said;
    the latter, kept, lets later recordings be judged `neighbour`. `tries` counts failures in this step."""

    step: Step = Step.hear
    tries: int = 0
    problem: Problem | None = None
    verdict: Verdict | None = None
    usual_speech_db10: int | None = None
    devices: tuple[str, str] = ("", "")

    @property
    def is_passed(self) -> bool:
        return self.step is Step.passed

    @property
    def needs_person(self) -> bool:
        """Whether the organizer should come."""
        return self.tries >= TRIES_BEFORE_HELP

    @property
    def warns(self) -> bool:
        """Whether the check goes on although the sound is not the best (clipping)."""
        return self.verdict is Verdict.clipped

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "needs_person": self.needs_person, "is_passed": self.is_passed}


def begin_check(input_device: str = "", output_device: str = "") -> SoundCheck:
    """A check from its first step; again whenever a device was changed."""
    return SoundCheck(devices=(input_device, output_device))


def answer_heard(check: SoundCheck, heard: bool) -> SoundCheck:
    """The candidate says whether the phrase was audible.

    :raises StepRefused: another step is on.
    """
    _require(check, Step.hear)
    return _advance(check, Step.say) if heard else _fail(check, Problem.phrase_not_heard)


def answer_said(check: SoundCheck, judgement: Judgement, silence: Silence = Silence.unknown) -> SoundCheck:
    """The said phrase was judged: usable speech goes on (clipping warns), anything else is said again.

    `silence`: why nothing was heard, where that is known.
    :raises StepRefused: another step is on.
    """
    _require(check, Step.say)
    judged = replace(check, verdict=judgement.verdict)
    if not judgement.verdict.is_usable:
        return _fail(judged, _name_problem(silence, Problem.phrase_not_said))
    return _advance(replace(judged, usual_speech_db10=judgement.speech_db10), Step.hear_yourself)


def answer_heard_yourself(check: SoundCheck, heard: bool) -> SoundCheck:
    """The candidate says whether the own voice was audible; if not, the phrase is said again.

    :raises StepRefused: another step is on.
    """
    _require(check, Step.hear_yourself)
    if heard:
        return _advance(check, Step.passed)
    return replace(_fail(check, Problem.own_voice_not_heard), step=Step.say)


def note_device_refusal(check: SoundCheck, silence: Silence = Silence.unknown) -> SoundCheck:
    """The device of this step did not open: the step stays."""
    return _fail(check, _name_problem(silence, Problem.device_refused))


def _name_problem(silence: Silence, usual: Problem) -> Problem:
    return usual if silence is Silence.unknown else Problem(silence.value)


def say_again(check: SoundCheck) -> SoundCheck:
    """Back to saying the phrase, by the candidate's wish; allowed once the first step is done.

    :raises StepRefused: nothing was heard yet.
    """
    if check.step is Step.hear:
        raise StepRefused("the phrase was not heard yet")
    return replace(_advance(check, Step.say), verdict=None)


def _require(check: SoundCheck, step: Step) -> None:
    if check.step is not step:
        raise StepRefused(f"{check.step} is on, not {step}")


def _advance(check: SoundCheck, step: Step) -> SoundCheck:
    return replace(check, step=step, tries=0, problem=None)


def _fail(check: SoundCheck, problem: Problem) -> SoundCheck:
    return replace(check, tries=check.tries + 1, problem=problem)
