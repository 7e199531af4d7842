"""The sound check: three steps, plain answers, a person called after three failures."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.devices_state import Silence
from audio.sound_check import (
    Problem, SoundCheck, Step, StepRefused, answer_heard, answer_heard_yourself, answer_said, begin_check,
    note_device_refusal, say_again,
)
from audio.speech_quality import Judgement
from audio.verdicts import Verdict


def make_judgement(verdict: Verdict, speech_db10: int = -200) -> Judgement:
    return Judgement(verdict, speech_db10, -700, -50, 0, 2000, 4000)


def reach_saying() -> SoundCheck:
    return answer_heard(begin_check("Headset", "Headset"), True)


def test_check_goes_through_three_steps() -> None:
    check = reach_saying()
    assert check.step is Step.say
    check = answer_said(check, make_judgement(Verdict.heard))
    assert check.step is Step.hear_yourself and check.usual_speech_db10 == -200
    check = answer_heard_yourself(check, True)
    assert check.is_passed and not check.needs_person and check.problem is None


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if not verdict.is_usable])
def test_phrase_that_was_not_heard_well_is_said_again(verdict: Verdict) -> None:
    check = answer_said(reach_saying(), make_judgement(verdict))
    assert (check.step, check.verdict, check.problem) == (Step.say, verdict, Problem.phrase_not_said)


@pytest.mark.parametrize("silence", [silence for silence in Silence if silence is not Silence.unknown])
def test_a_known_reason_of_silence_is_told_instead(silence: Silence) -> None:
    check = answer_said(reach_saying(), make_judgement(Verdict.silent), silence)
    assert check.problem == Problem(silence.value) and check.tries == 1
    assert note_device_refusal(reach_saying(), silence).problem == Problem(silence.value)


def test_clipping_warns_and_goes_on() -> None:
    check = answer_said(reach_saying(), make_judgement(Verdict.clipped))
    assert check.step is Step.hear_yourself and check.warns


def test_person_is_called_after_three_failures() -> None:
    check = begin_check()
    for _ in range(2):
        check = answer_heard(check, False)
    assert not check.needs_person
    assert answer_heard(check, False).needs_person
    assert answer_heard(answer_heard(check, False), True).needs_person is False


def test_own_voice_not_heard_leads_back_to_saying() -> None:
    check = answer_heard_yourself(answer_said(reach_saying(), make_judgement(Verdict.heard)), False)
    assert (check.step, check.problem) == (Step.say, Problem.own_voice_not_heard)


def test_phrase_may_be_said_again_by_wish() -> None:
    check = say_again(answer_said(reach_saying(), make_judgement(Verdict.heard)))
    assert check.step is Step.say and check.verdict is None
    with pytest.raises(StepRefused):
        say_again(begin_check())


def test_device_that_does_not_open_leaves_the_step() -> None:
    check = note_device_refusal(reach_saying())
    assert (check.step, check.problem, check.tries) == (Step.say, Problem.device_refused, 1)


@pytest.mark.parametrize("answer", [
    lambda check: answer_said(check, make_judgement(Verdict.heard)),
    lambda check: answer_heard_yourself(check, True),
])
def test_late_click_of_another_step_is_refused(answer: object) -> None:
    with pytest.raises(StepRefused):
        answer(begin_check())  # type: ignore[operator]
    with pytest.raises(StepRefused):
        answer_heard(reach_saying(), True)


@given(st.lists(st.sampled_from(["yes", "no", *Verdict]), max_size=30))
def test_no_path_passes_without_a_usable_phrase(answers: list[str]) -> None:
    check, has_spoken = begin_check(), False
    for answer in answers:
        if check.step is Step.hear:
            check = answer_heard(check, answer == "yes")
        elif check.step is Step.say and isinstance(answer, Verdict):
            check = answer_said(check, make_judgement(answer))
            has_spoken = has_spoken or answer.is_usable
        elif check.step is Step.hear_yourself:
            check = answer_heard_yourself(check, answer == "yes")
    assert not check.is_passed or has_spoken
    assert json.loads(json.dumps(check.as_json()))["step"] == check.step
