"""The sound check of this seat: hear a phrase, say a phrase, hear yourself; reported to the server when passed.

Takes what the candidate answers and what the microphone heard; gives the state that the page shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from audio import sound_check
from audio.sound_check import SoundCheck
from audio.speech_quality import Judgement
from kiosk_client import SOFTWARE
from kiosk_client.refusals import MicrophoneRefused, NotNow
from kiosk_client.startup import count_free_bytes
from testing_server.contracts.messages import CheckReport

if TYPE_CHECKING:
    from kiosk_client.agent import Agent


class SoundChecking:
    """One check; `begin_anew` for each candidate. Late answers raise NotNow."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self.state: SoundCheck = sound_check.begin_check()
        self.is_saying = False

    def begin_anew(self) -> None:
        """Another candidate, another headset."""
        self._agent.recorder.usual_speech_db10 = None
        self._change(sound_check.begin_check())

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
        except MicrophoneRefused:
            self._change(sound_check.note_device_refusal(self.state))
            raise
        self.is_saying = True
        self._agent.notify()

    def end_saying(self) -> Judgement:
        """What was heard. Raises NotNow."""
        self.is_saying = False
        judgement = self._agent.recorder.end_check()
        self._change(self._step(lambda: sound_check.answer_said(self.state, judgement)))
        return judgement

    def answer_heard_yourself(self, heard: bool) -> None:
        """The candidate heard the own voice, or not."""
        self._change(self._step(lambda: sound_check.answer_heard_yourself(self.state, heard)))

    def _step(self, action: Callable[[], SoundCheck]) -> SoundCheck:
        try:
            return action()
        except sound_check.StepRefused as refusal:
            raise NotNow(refusal.details) from refusal

    def _change(self, state: SoundCheck) -> None:
        self.state = state
        self._agent.notify()

    def report(self, screen: str = "", browser: str = "") -> None:
        """Tell the server and go on; also where nothing is spoken or an organizer lets the candidate go on.

        Raises Refused, ServerAway, NotNow.
        """
        agent, connection = self._agent, self._agent.require_connection()
        level = self.state.usual_speech_db10
        agent.recorder.usual_speech_db10 = level
        if level is not None:
            agent.set_step("usual_speech_db10", level)
        connection.link.report_check(connection.paired.workstation, CheckReport(
            verdict=str(self.state.verdict or ""), disk_free_bytes=count_free_bytes(agent.options.folder),
            clock_offset_ms=agent.time.wall_offset_ms(), screen=screen, browser=browser,
            input_device=agent.journal.get("input_device") or "", software=SOFTWARE))
        agent.set_step("checked")
