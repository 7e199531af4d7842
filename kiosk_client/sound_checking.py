"""The sound check of this seat: hear a phrase, say a phrase, hear yourself; reported to the server when passed.

Takes what the candidate answers and what the microphone heard; gives the state that the page shows. Where the work
allows it the check is done again in the middle of the work, before an item is spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from audio import sound_check
from audio.devices import Direction
from audio.devices_state import Silence
from audio.sound_check import SoundCheck
from audio.speech_quality import Judgement
from kiosk_client import SOFTWARE
from kiosk_client.drafts import Draft
from kiosk_client.refusals import MicrophoneRefused, NotNow
from kiosk_client.rules import Stage
from kiosk_client.sound_devices import SoundDevices
from kiosk_client.startup import count_free_bytes
from kiosk_client.test_recording import send_test_recording
from testing_server.contracts.events import EventKind
from testing_server.contracts.messages import CheckReport

if TYPE_CHECKING:
    from kiosk_client.agent import Agent
    from kiosk_client.seat import Seat

# What the system says when there is no microphone at all.
NOT_THERE = frozenset({"no_sound_card", "device_missing"})


class SoundChecking:
    """One check; `begin_anew` for each candidate. Late answers raise NotNow."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self.state: SoundCheck = sound_check.begin_check()
        self.is_saying = False
        self.devices = SoundDevices(agent.journal, agent.recorder)
        self._again_at: tuple[str, str] | None = None

    def begin_anew(self) -> None:
        """Another candidate, another headset."""
        self._agent.recorder.usual_speech_db10 = None
        self._agent.recorder.forget_devices()
        self.is_saying, self._again_at = False, None
        self._change(sound_check.begin_check())

    # Once more, in the middle of the work.

    @property
    def is_again(self) -> bool:
        """Whether the check stands before the item now; time that moves the item on ends it."""
        seat = self._agent.seating.seat
        return self._again_at is not None and seat is not None and self._again_at == (seat.state.item, seat.state.stage)

    def may_begin_again(self, seat: Seat) -> bool:
        """Before the start always; later where the work allows it and the candidate is about to speak."""
        assessment, state = seat.log.signed_in.assessment, seat.state
        if not state.started:
            return bool(assessment.get("sound_check"))
        return bool(assessment.get("sound_check_again")) and seat.is_running and state.stage == Stage.CHOOSE

    def begin_again(self) -> None:
        """Raises NotNow."""
        seat = self._agent.require_seat()
        if not self.may_begin_again(seat):
            raise NotNow("no sound check here")
        self.is_saying, self._again_at = False, (seat.state.item, seat.state.stage)
        if not seat.state.started:
            self._again_at = None
            self._agent.set_step("checked", False)
        self._change(sound_check.begin_check())

    def end_again(self) -> None:
        """Back to the item, whatever the check found: nobody is kept from speaking."""
        self._agent.recorder.drop_check()
        self.is_saying, self._again_at = False, None
        if self.state.usual_speech_db10 is not None:
            self._keep_level(self.state.usual_speech_db10)
        self._agent.notify()

    # The steps.

    def choose_device(self, direction: Direction, key: str) -> None:
        """Another microphone or other headphones: the check begins anew. Raises MicrophoneRefused, NotNow."""
        if self.is_saying or self._agent.recorder.running is not None:
            raise NotNow("something is being recorded")
        name = self.devices.choose(direction, key)
        self._note(EventKind.DEVICE_CHANGED, {"device": name})
        self._change(sound_check.begin_check())

    def open_up(self, direction: Direction) -> None:
        """Unmute the microphone or the headphones. Raises MicrophoneRefused."""
        self.devices.open_up(direction)
        self._change(replace(self.state, problem=None, verdict=None))

    def answer_heard(self, heard: bool) -> None:
        """The candidate heard the phrase, or not."""
        self._change(self._step(lambda: sound_check.answer_heard(self.state, heard)))

    def begin_saying(self) -> None:
        """Record a phrase. Raises MicrophoneRefused, NotNow."""
        if self.state.step == sound_check.Step.hear_yourself:
            self._change(sound_check.say_again(self.state))
        if self.is_saying or self.state.step != sound_check.Step.say:
            raise NotNow(f"step {self.state.step}")
        try:
            self._agent.journal.set("input_device", self._agent.recorder.begin_check())
        except MicrophoneRefused as refusal:
            silence = Silence.unplugged if refusal.code in NOT_THERE else Silence.unknown
            self._change(sound_check.note_device_refusal(self.state, silence))
            raise
        self.is_saying = True
        self._agent.notify()

    def end_saying(self) -> Judgement:
        """What was heard. Raises NotNow."""
        self.is_saying = False
        judgement = self._agent.recorder.end_check()
        silence = self.devices.explain(judgement)
        self._change(self._step(lambda: sound_check.answer_said(self.state, judgement, silence)))
        self._note(EventKind.SOUND_CHECKED, {"verdict": str(judgement.verdict), "device": self._name_input()})
        return judgement

    def answer_heard_yourself(self, heard: bool) -> None:
        """The candidate heard the own voice, or not."""
        self._change(self._step(lambda: sound_check.answer_heard_yourself(self.state, heard)))

    def _step(self, action: Callable[[], SoundCheck]) -> SoundCheck:
        try:
            return action()
        except sound_check.StepRefused as refusal:
            raise NotNow(refusal.details) from refusal

    def _note(self, kind: EventKind, body: dict[str, Any]) -> None:
        seat = self._agent.seating.seat
        if seat is not None and not (seat.state.finished or seat.moved):
            seat.log.append(Draft(kind, body))

    def _name_input(self) -> str:
        return str(self._agent.journal.get("input_device") or "")

    def _keep_level(self, level_db10: int) -> None:
        self._agent.recorder.usual_speech_db10 = level_db10
        self._agent.set_step("usual_speech_db10", level_db10)

    def _change(self, state: SoundCheck) -> None:
        self.state = state
        self._agent.notify()

    def report(self, screen: str = "", browser: str = "") -> None:
        """Tell the server and go on; also where nothing is spoken or an organizer lets the candidate go on.

        Raises Refused, ServerAway, NotNow.
        """
        agent, connection = self._agent, self._agent.require_connection()
        if self.state.usual_speech_db10 is not None:
            self._keep_level(self.state.usual_speech_db10)
        connection.link.report_check(connection.paired.workstation, CheckReport(
            verdict=str(self.state.verdict or ""), disk_free_bytes=count_free_bytes(agent.options.folder),
            clock_offset_ms=agent.time.wall_offset_ms(), screen=screen, browser=browser,
            input_device=self._name_input(), software=SOFTWARE))
        send_test_recording(connection, agent.recorder.read_check())
        agent.set_step("checked")
