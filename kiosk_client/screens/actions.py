"""What the page may ask of the agent: a name, the form of its body, and what it does.

Every action answers with a dictionary for the page; refusals are exceptions with a code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_client.agent import Agent
from kiosk_client.refusals import NotNow
from kiosk_client.screens import bodies
from testing_server.contracts.events import EventKind

Result = dict[str, Any]
Action = tuple[type[bodies.Body], Callable[[Agent, Any], Result | None]]

LANGUAGE, VOLUME = "language", "volume"
FULL_VOLUME = 100


def begin_pairing(agent: Agent, body: bodies.Server) -> Result:
    return {"code": agent.begin_pairing(body.server)}


def sign_in(agent: Agent, body: bodies.Login) -> None:
    agent.sign_in(body.login)


def end_saying(agent: Agent, body: bodies.Nothing) -> Result:
    return {"verdict": str(agent.checking.end_saying().verdict)}


def report_check(agent: Agent, body: bodies.Screen) -> None:
    """Go on after the check. Raises NotNow unless it was passed or the work has no speech."""
    signed_in = agent.require_seat().log.signed_in
    if signed_in.assessment.get("sound_check") and not agent.checking.state.is_passed:
        raise NotNow("the sound check is not passed")
    agent.checking.report(body.screen, body.browser)


def answer(agent: Agent, body: bodies.Answer) -> Result:
    lease, number = agent.require_seat().answer(body.item, body.response, body.value)
    return {"lease": lease, "number": number}


def go_on(agent: Agent, body: bodies.Nothing) -> Result:
    return {"moved": agent.require_seat().go_on()}


def return_to_room(agent: Agent, body: bodies.Login) -> None:
    """The candidate is back, known by the login. Raises LoginWrong, NotNow."""
    agent.seating.check_login(body.login)
    agent.require_seat().return_to_room()


def read_volume(agent: Agent) -> int:
    """The volume this candidate chose at this seat, in per cent."""
    chosen = agent.get_step(VOLUME)
    return chosen if isinstance(chosen, int) else FULL_VOLUME


def dismiss_message(agent: Agent, body: bodies.MessageRead) -> None:
    agent.set_step("read_messages", sorted({*(agent.get_step("read_messages") or []), body.number}))


def set_language(agent: Agent, body: bodies.Language) -> None:
    agent.journal.set(LANGUAGE, body.language)
    agent.notify()


ACTIONS: dict[str, Action] = {
    "begin_pairing": (bodies.Server, begin_pairing),
    "confirm_pairing": (bodies.YesNo, lambda agent, body: agent.confirm_pairing(body.yes)),
    "forget_server": (bodies.Nothing, lambda agent, body: agent.forget_server()),
    "set_language": (bodies.Language, set_language),
    "sign_in": (bodies.Login, sign_in),
    "leave": (bodies.Nothing, lambda agent, body: agent.seating.leave()),
    "heard_phrase": (bodies.YesNo, lambda agent, body: agent.checking.answer_heard(body.yes)),
    "begin_saying": (bodies.Nothing, lambda agent, body: agent.checking.begin_saying()),
    "end_saying": (bodies.Nothing, end_saying),
    "check_again": (bodies.Nothing, lambda agent, body: agent.checking.begin_again()),
    "end_check_again": (bodies.Nothing, lambda agent, body: agent.checking.end_again()),
    "list_devices": (bodies.Nothing, lambda agent, body: agent.checking.devices.show()),
    "choose_device": (bodies.ChosenDevice, lambda agent, body: agent.checking.choose_device(body.direction, body.key)),
    "open_up": (bodies.DeviceDirection, lambda agent, body: agent.checking.open_up(body.direction)),
    "set_volume": (bodies.Volume, lambda agent, body: agent.set_step(VOLUME, body.percent)),
    "heard_yourself": (bodies.YesNo, lambda agent, body: agent.checking.answer_heard_yourself(body.yes)),
    "report_check": (bodies.Screen, report_check),
    "look_at_machine": (bodies.Screen, lambda agent, body: agent.machine.look_soon(body.screen)),
    "instructed": (bodies.Nothing, lambda agent, body: agent.set_step("instructed")),
    "answer": (bodies.Answer, answer),
    "go": (bodies.ItemNamed, lambda agent, body: agent.require_seat().go(body.item)),
    "go_on": (bodies.Nothing, go_on),
    "end_break": (bodies.Nothing, lambda agent, body: agent.require_seat().end_break()),
    "play": (bodies.ItemNamed, lambda agent, body: agent.require_seat().play(body.item, read_volume(agent))),
    "play_progress": (bodies.Hearing, lambda agent, body: agent.require_seat().play_progress(
        body.item, body.play, body.position_ms)),
    "play_ended": (bodies.Hearing, lambda agent, body: agent.require_seat().play_ended(body.item, body.play)),
    "play_broken": (bodies.Hearing, lambda agent, body: agent.require_seat().play_broken(body.item, body.play)),
    "prepare": (bodies.Nothing, lambda agent, body: agent.require_seat().prepare()),
    "speak": (bodies.Nothing, lambda agent, body: agent.require_seat().speak()),
    "stop_speaking": (bodies.Nothing, lambda agent, body: agent.require_seat().stop_speaking()),
    "speak_again": (bodies.Nothing, lambda agent, body: agent.require_seat().speak_again()),
    "retry_microphone": (bodies.Nothing, lambda agent, body: agent.require_seat().retry_microphone()),
    "call": (bodies.Call, lambda agent, body: agent.require_seat().call(body.reason)),
    "leave_room": (bodies.Nothing, lambda agent, body: agent.require_seat().leave_room()),
    "return_to_room": (bodies.Login, return_to_room),
    "dismiss_message": (bodies.MessageRead, dismiss_message),
    "focus_lost": (bodies.FocusLost, lambda agent, body: agent.require_seat().note_guarded(
        EventKind.FOCUS_LOST, msgspec.structs.asdict(body))),
    "screen_changed": (bodies.ScreenChanged, lambda agent, body: agent.require_seat().note_guarded(
        EventKind.SCREEN_CHANGED, msgspec.structs.asdict(body))),
    "leave_kiosk": (bodies.ExitCode, lambda agent, body: agent.exit_guard.leave(body.code)),
    "finish": (bodies.Nothing, lambda agent, body: agent.require_seat().finish()),
}
