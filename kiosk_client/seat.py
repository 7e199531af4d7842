"""The seat's state machine: what a candidate does, what the server directs and what time does, journalled first.

Takes actions of a page or a robot; gives events and, through the recorder, sound. Everything it shows is the fold of
what is in the journal, so that a restart goes on where the last one stopped. One lock; clocks come in with the log.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from audio.recording import Fault
from kiosk_client import route, rules
from kiosk_client.answer_files import AnswerFiles, check_reference, draft_file, takes_file
from kiosk_client.attempt_log import AttemptLog
from kiosk_client.drafts import Draft
from kiosk_client.leaving_room import LeavingRoom
from kiosk_client.recorder_service import RecorderService
from kiosk_client.refusals import BadAnswer, NotNow, PlaysOver, UnknownItem
from kiosk_client.rules import Item, Stage
from kiosk_client.seat_directives import DirectiveSteps
from kiosk_client.speaking import Speaking
from kiosk_client.walking import Walking
from testing_server.contracts.absences import By
from testing_server.contracts.breaks import name_break_timer
from testing_server.contracts.calls import CALL, CallReason
from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.events import EventKind
from testing_server.contracts.file_answers import FileReference
from testing_server.contracts.fold import WORK_TIMER, AttemptState
from testing_server.contracts.plays import NoPlaysLeft, next_play

TICK_MS = 5_000
# A page tells every second how far a hearing is: one that tells nothing is gone, even if another came in its place.
HEARING_SILENT_MS = 4_000
MEND_MS = 1_000
DEFAULT_AUTO_CREDIT_MS = 300_000


class Seat:
    """One attempt at this workstation. `last_sign_ms`: the newest event before this seat took over, None if none."""

    def __init__(self, log: AttemptLog, recorder: RecorderService, last_sign_ms: int | None,
                 notify: Callable[[], None] = lambda: None) -> None:
        self.log, self.recorder, self.notify = log, recorder, notify
        self._bare_items: Sequence[Item] = ()
        self._planned: tuple[Any, Sequence[Item]] = (None, ())
        self.moved = False
        self.playing: tuple[str, int] | None = None
        self.directives_version = 0
        self.present = False
        self.lock = threading.RLock()
        self.speaking = Speaking(log, recorder)
        self.walking, self.leaving = Walking(self), LeavingRoom(self)
        self._directives = DirectiveSteps(self)
        self._last_sign_ms = last_sign_ms
        self._last_tick_mono = self._heard_mono = self._mended_mono = 0
        # Stays set where the journal refused on the way: `tick` tries again.
        self._is_resuming = False
        self._faults: deque[Fault] = deque()
        recorder.on_fault = self._faults.append

    @property
    def state(self) -> AttemptState:
        """The fold of this attempt."""
        return self.log.state

    @property
    def items(self) -> Sequence[Item]:
        """The variant's items with this candidate's times, once the work's plan is known."""
        plan = self.state.start_body.get("plan") or {}
        if self._planned[0] is not plan:
            self._planned = (plan, route.apply_plan(self._bare_items, plan) if plan else self._bare_items)
        return self._planned[1]

    @items.setter
    def items(self, items: Sequence[Item]) -> None:
        self._bare_items, self._planned = items, (None, ())

    @property
    def item(self) -> Item | None:
        """The item the candidate is at."""
        return rules.find_item(self.items, self.state.item)

    @property
    def auto_credit_ms(self) -> int:
        """How long an outage may be that is given back without asking anybody."""
        seconds = self.state.start_body.get("auto_credit_s")
        return int(seconds) * 1000 if isinstance(seconds, int) else DEFAULT_AUTO_CREDIT_MS

    @property
    def is_running(self) -> bool:
        """Whether the candidate may work now."""
        state = self.state
        is_stopped = state.finished or state.is_paused or state.absence is not None
        return state.started and not is_stopped and not self.moved

    # Coming and going.

    def recover(self) -> None:
        """Close recordings that a crash left open; nothing else happens before somebody is at the seat."""
        with self.lock:
            self.speaking.recover()

    def take_items(self, items: Sequence[Item]) -> None:
        """The variant has been opened; after a restart the candidate goes on from here."""
        with self.lock:
            self.items = items
            self._resume()

    def come_back(self) -> None:
        """Somebody sits here (again)."""
        with self.lock:
            if self.present or self.moved:
                return
            self.present = True
            self._resume()
        self.notify()

    def _resume(self) -> None:
        """Once somebody is here and the items are: give back the time lost and go on by the work's rule."""
        state = self.state
        if self.present and self.items and state.started and not state.finished and not self.moved:
            self._is_resuming = True
            self._credit_outage(state)
            self._last_sign_ms = None
            self.go_on_speaking()
            self._is_resuming = False

    def _credit_outage(self, state: AttemptState) -> None:
        now = self.log.time.now_ms()
        stopped_ms = route.find_work_stopped_ms(state, self._last_sign_ms)
        draft = rules.find_outage(stopped_ms, now, self.auto_credit_ms)
        if draft and not state.is_paused and state.absence is None:
            self.log.append(draft)

    def go_away(self) -> None:
        """Nobody sees this seat: its clock of ticks stands; a recording goes on."""
        with self.lock:
            if self.present and not self.speaking.is_recording:
                self.present = False
                self.playing = None
                self._last_sign_ms = self._last_sign_ms if self._is_resuming else self.log.time.now_ms()
                self._is_resuming = False

    def leave_for_other_seat(self) -> None:
        """The lease was revoked: nothing more is taken here, what was taken is still delivered."""
        with self.lock:
            drafts = self.speaking.stop("moved")
            if drafts:
                self.log.append(*drafts)
            self.moved = True
            self.playing = None
            self.log.journal.set_lease_state(self.log.attempt, self.log.lease, "revoked")
        self.notify()

    def go_on_speaking(self) -> None:
        """After a break in the middle of speech: continue, repeat the prompt or go on to the next item."""
        item = self.item
        if item is None or self.state.stage != Stage.SPEAK or not self.is_running or self.speaking.is_recording:
            return
        if self.state.break_now is not None:
            return
        rule = self.state.start_body.get("on_move", "continue")
        if rule == "repeat_prompt":
            self.enter(item, Stage.CHOOSE)
        elif rule == "next_item":
            self.leave_speech(item, [])
        elif self.log.left_ms(rules.name_timer(item["id"], Stage.SPEAK)) != 0:
            self.speaking.record(item, new_take=False)

    def leave_room(self) -> None:
        """The candidate goes out of the room. Raises NotNow."""
        with self.lock:
            self.leaving.leave(By.CANDIDATE)
        self.notify()

    def return_to_room(self) -> None:
        """The candidate is back, known by the login. Raises NotNow."""
        with self.lock:
            self.leaving.come_back(By.CANDIDATE)
        self.notify()

    # Answers and ways.

    def answer(self, item_id: str, response: str, value: str | list[str] | None) -> tuple[int, int]:
        """Journal an answer; (lease, number) once it is durable. Raises UnknownItem, BadAnswer, NotNow."""
        with self.lock:
            item = self._require_open(item_id)
            try:
                rules.check_value(item, response, value)
                check_reference(item, response, value, self.state.files)
            except rules.BadValue as refusal:
                raise BadAnswer(str(refusal)) from refusal
            event = self.log.append(rules.draft_answer(item_id, response, value))[0]
        self.notify()
        return event.lease, event.number

    def keep_file(self, files: AnswerFiles, item_id: str, response: str, data: bytes, kind: str,
                  name: str) -> FileReference:
        """Keep a file of an answer; its reference once file and journal are durable, to be answered with.

        Raises UnknownItem, BadAnswer, NotNow, FileTooLarge, JournalFull.
        """
        with self.lock:
            item = self._require_open(item_id)
            if not takes_file(item, response):
                raise BadAnswer(f"{response} asks for no file")
            reference = files.write(self.log.attempt, data, kind, name)
            with self.log.journal.transaction():
                self.log.journal.keep_file(self.log.attempt, reference.sha256, reference.bytes)
                self.log.append(draft_file(item_id, response, reference))
        self.notify()
        return reference

    def _require_open(self, item_id: str) -> Item:
        item, now_ms = self._find(item_id), self.log.time.now_ms()
        is_open = route.is_open(self.items, item, self.state, now_ms)
        if self.moved or not is_open or not rules.may_answer(item, self.state, now_ms):
            raise NotNow("answers of this item are closed")
        return item

    def go(self, item_id: str) -> None:
        """Walk to an item. Raises UnknownItem, NotNow."""
        with self.lock:
            self.walking.go(self._find(item_id))
        self.notify()

    def go_on(self) -> bool:
        """To the next item, or to the break before it; False at the last one. Raises NotNow."""
        with self.lock:
            goes = self.walking.go_on()
        self.notify()
        return goes

    def end_break(self) -> None:
        """The candidate has rested enough, where the work allows it. Raises NotNow."""
        with self.lock:
            self.walking.end_break()
        self.notify()

    def _find(self, item_id: str) -> Item:
        item = rules.find_item(self.items, item_id)
        if item is None:
            raise UnknownItem(item_id)
        return item

    def require(self, allowed: bool) -> None:
        """Raises NotNow unless the candidate may work and the step is allowed."""
        if not allowed or not self.is_running:
            raise NotNow(f"stage {self.state.stage}")

    def _require_stage(self, *stages: Stage) -> Item:
        item = self.item
        is_resting = self.state.break_now is not None
        if item is None or is_resting or self.state.stage not in stages or not self.is_running:
            raise NotNow(f"stage {self.state.stage}")
        return item

    def enter(self, item: Item, stage: Stage) -> None:
        """Enter a stage of the item of now; its clock starts anew."""
        self.log.append(*rules.enter_stage(item, stage, self.state, restart=True))

    # Listening.

    def play(self, item_id: str, volume: int = 100) -> dict[str, Any]:
        """Journal that a hearing begins; {play, position_ms, media}: only now may sound be heard. `volume`: per cent,
        as the page plays it."""
        with self.lock:
            item = self._require_stage(Stage.LISTEN)
            if item["id"] != item_id or self.playing is not None:
                raise NotNow("a hearing goes on")
            try:
                found = next_play(self.state.plays.get(item_id, []), int(item["listening"]["plays"]))
            except NoPlaysLeft as refusal:
                raise PlaysOver(str(refusal)) from refusal
            self.log.append(Draft(EventKind.PLAY_STARTED, {"item": item_id, "play": found.play, "volume": volume}))
            self.playing, self._heard_mono = (item_id, found.play), self.log.time.stamp().mono_ms
        self.notify()
        return {"play": found.play, "position_ms": found.position_ms, "media": item["listening"]["media"]}

    def play_progress(self, item_id: str, play: int, position_ms: int) -> None:
        """How far a hearing is, once a second; a hearing that stopped meanwhile is not followed."""
        with self.lock:
            if self.playing == (item_id, play) and self.is_running:
                body = {"item": item_id, "play": play, "position_ms": max(0, position_ms)}
                self._heard_mono = self.log.append(Draft(EventKind.PLAY_PROGRESS, body))[0].mono_ms

    def play_broken(self, item_id: str, play: int) -> None:
        """The page could not go on playing: the same hearing may be begun again, from 2 s before."""
        with self.lock:
            if self.playing == (item_id, play):
                self.playing = None
        self.notify()

    def play_ended(self, item_id: str, play: int) -> None:
        """The hearing was had to its end. Raises NotNow."""
        with self.lock:
            if self.playing != (item_id, play):
                raise NotNow("no such hearing goes on")
            self.playing = None
            self.log.append(Draft(EventKind.PLAY_ENDED, {"item": item_id, "play": play}))
        self.notify()

    # Speech.

    def prepare(self) -> None:
        """Begin to prepare the spoken answer. Raises NotNow."""
        with self.lock:
            self.begin_preparing(self._require_stage(Stage.CHOOSE))
        self.notify()

    def begin_preparing(self, item: Item) -> None:
        """Preparation begins, or speech where nothing is prepared."""
        if rules.allot_ms(item, Stage.PREPARE) is None:
            self.speaking.enter(item, new_take=True)
        else:
            self.enter(item, Stage.PREPARE)

    def speak(self) -> None:
        """Begin to speak before the preparation is over, where the work allows it. Raises NotNow."""
        with self.lock:
            item = self._require_stage(Stage.PREPARE)
            self.require(bool(item["speaking"].get("early_start")))
            self.speaking.enter(item, new_take=True)
        self.notify()

    def stop_speaking(self) -> None:
        """End the spoken answer before its time, where the work allows it. Raises NotNow."""
        with self.lock:
            item = self._require_stage(Stage.SPEAK)
            self.require(bool(item["speaking"].get("early_finish")) and self.speaking.trouble is None)
            self.leave_speech(item, self.speaking.stop("candidate"))
        self.notify()

    def speak_again(self) -> None:
        """Another take, where the work allows it. Raises NotNow."""
        with self.lock:
            item = self._require_stage(Stage.AFTER)
            self.require(rules.count_takes_left(item, self.state) > 0)
            self.speaking.enter(item, new_take=True)
        self.notify()

    def leave_speech(self, item: Item, drafts: list[Draft]) -> None:
        """The spoken answer is over; drafts are of its recording."""
        self.log.append(*drafts, *rules.enter_stage(item, Stage.AFTER, self.state))
        following = rules.find_following(self.items, item["id"])
        if item.get("auto_move") and following is not None and route.may_walk(self.items, self.state):
            self.walking.pass_on(item)

    def retry_microphone(self) -> None:
        """After trouble: try to record again by the work's rule. Raises NotNow."""
        with self.lock:
            if self.speaking.trouble is None:
                raise NotNow("no trouble")
            self.speaking.end_trouble(self.auto_credit_ms)
            self.go_on_speaking()
        self.notify()

    # The organizer, the end.

    def call(self, reason: CallReason) -> None:
        """Call the organizer; also before the start and in a pause. Raises NotNow when the work is over here."""
        with self.lock:
            if self.state.finished or self.moved:
                raise NotNow("the work is over at this seat")
            body = {"kind": CALL, "text": str(reason), "reason": str(reason)}
            self.log.append(Draft(EventKind.INCIDENT_RAISED, body))
        self.notify()

    def note_guarded(self, kind: EventKind, body: dict[str, Any]) -> None:
        """The page lost the keyboard, or its screen changed; kept for the organizer, nothing is stopped."""
        with self.lock:
            if self.is_running:
                self.log.append(Draft(kind, body))

    def finish(self, reason: str = "candidate") -> None:
        """End the work. Raises NotNow."""
        with self.lock:
            state = self.state
            if not state.started or state.finished or self.moved:
                raise NotNow("no work goes on")
            if reason == "candidate":
                self.require(rules.may_leave(state) and route.may_finish(self.items, state))
            drafts = self.speaking.stop("finish")
            self.playing = None
            self.log.append(*drafts, Draft(EventKind.ATTEMPT_FINISHED, {"reason": reason}))
        self.notify()

    # Directives and time.

    def apply_directives(self) -> None:
        """Apply what the server told, in order, each journalled before it has an effect."""
        with self.lock:
            for directive in self.log.list_unapplied():
                waits_for_items = directive.kind == DirectiveKind.START and not self.items
                if self.moved or self.state.finished or waits_for_items:
                    break
                self._directives.apply(directive)
        self.notify()

    def pause_sound(self) -> list[Draft]:
        """A pause begins: sound stops; drafts of what was recorded."""
        self.playing = None
        return self.speaking.stop("paused")

    def go_on_after_pause(self) -> None:
        """A pause ended: speech goes on as a further recording."""
        item = self.item
        if item is not None and self.state.stage == Stage.SPEAK and self.present and self.is_running:
            self.speaking.record(item, new_take=False)

    def tick(self) -> None:
        """Called a few times a second: faults of the microphone, what is due, the tick of the journal."""
        with self.lock:
            while self._faults:
                self._note_fault(self._faults.popleft())
            if self.state.finished or not self.state.started or self.moved or not self.items:
                return
            if self.present and self.is_running and (self._is_resuming or self._is_unheard()):
                self._go_on_if_stuck()
            if self._is_resuming:
                # Nothing is due before the time lost was given back.
                return
            self._do_due()
            self._drop_silent_hearing()
            if self.present and self.is_running:
                self._tick_journal()

    def _is_unheard(self) -> bool:
        """Whether the candidate is told to speak and nothing records."""
        state, speaking = self.state, self.speaking
        is_to_speak = state.stage == Stage.SPEAK and state.break_now is None
        return is_to_speak and speaking.trouble is None and not speaking.is_recording

    def _go_on_if_stuck(self) -> None:
        """Do again, once a second, what the disk refused half way. Raises JournalFull."""
        mono_ms = self.log.time.stamp().mono_ms
        if mono_ms - self._mended_mono >= MEND_MS:
            self._mended_mono = mono_ms
            self.speaking.recover()
            self._resume()
            self.notify()

    def _note_fault(self, fault: Fault) -> None:
        if self.speaking.is_recording:
            self.speaking.note_fault(fault)
            self.notify()

    def _do_due(self) -> None:
        due = rules.find_due(self.items, self.state, self.log.time.now_ms())
        if due is None:
            return
        if due.finishes:
            # A machine's own clock, after a power cut and before the server was asked, ends nobody's work.
            if self.log.time.is_known:
                self.finish("time")
        elif self.present and self.speaking.trouble is None:
            self.walking.move_on(due)
            self.notify()

    def _drop_silent_hearing(self) -> None:
        """A page that was loaded anew begins the same hearing again, from 2 s before its last sign."""
        if self.playing is not None and self.log.time.stamp().mono_ms - self._heard_mono > HEARING_SILENT_MS:
            self.playing = None
            self.notify()

    def _tick_journal(self) -> None:
        stamp = self.log.time.stamp()
        if stamp.mono_ms - self._last_tick_mono < TICK_MS:
            return
        self._last_tick_mono = stamp.mono_ms
        jump = self.log.time.take_jump_ms()
        drafts = [] if jump is None else [Draft(EventKind.CLOCK_JUMP, {"jump_ms": jump})]
        self.log.append(*drafts, Draft(EventKind.TIMER_TICK, {"left_ms": self._list_left(stamp.at_ms)}))

    def _list_left(self, now_ms: int) -> dict[str, int]:
        resting = self.state.break_now
        names = (WORK_TIMER, name_break_timer(resting.number) if resting else
                 rules.name_timer(self.state.item, self.state.stage))
        left = {name: self.state.left_ms(name, now_ms) for name in names}
        return {name: value for name, value in left.items() if value is not None}
