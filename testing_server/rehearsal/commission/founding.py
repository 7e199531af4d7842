"""A hub's folder with schools, experts and thousands of spoken answers, before the hub starts.

The answers come into the queue through the same actions that gather accepted packages; their recordings share a few
files of sound. Passwords are drawn anew for every run.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import soundfile
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.services import Services, build_services
from testing_server.foundation.settings import load_settings
from testing_server.marking.gathering.actions import WorkToMark, add_attempts, open_work
from testing_server.marking.gathering.rules import AnswerForPeople, CriteriaBook, SortedAttempt, SubmittedAttempt
from testing_server.migrations import upgrade_database
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.registry.actions import create_school
from testing_server.rehearsal.commission.world import (
    CAMPAIGN, ITEM, REGION, RULES, RobotProfile, World, describe_assessment)
from testing_server.rehearsal.founding import Account, draw_account

RATE, SECONDS, SOUNDS = 24_000, 4, 4
BATCH = 500


@dataclass(frozen=True)
class FoundedCommission:
    """Who signs in, and the archive of each school's work by the school's number."""

    head: Account
    experts: dict[str, Account]
    archives: list[str]


def found_commission(folder: Path, world: World, profiles: Sequence[RobotProfile]) -> FoundedCommission:
    """Everything in `folder`, which a hub is started on afterwards."""
    settings = load_settings("hub", {}, data=folder)
    upgrade_database(settings.storage_url)
    offered = build_services(settings, SystemClock())
    try:
        prepare_hub(offered)
        schools = [_make_school(offered, number) for number in range(world.schools)]
        archives = [f"{number:064x}" for number in range(world.schools)]
        sounds = [_keep_sound(offered, number) for number in range(SOUNDS)]
        for number, school in enumerate(schools):
            _fill_work(offered, world, archives[number], school, number, sounds)
        return FoundedCommission(*_hire(offered, profiles, schools), archives)
    finally:
        offered.storage.close()


def _make_school(offered: Services, number: int) -> str:
    now_ms = offered.clock.now_ms()
    return offered.storage.write(lambda session: create_school(
        session, now_ms, login=f"sch66{number:04d}", name=f"Школа № {number} (имитация)", municipality="Екатеринбург",
        region=REGION, zone="Asia/Yekaterinburg")).id


def _keep_sound(offered: Services, number: int) -> str:
    """A few seconds of a tone that swells like speech, as FLAC; returns its digest."""
    moments = numpy.arange(RATE * SECONDS) / RATE
    sound = numpy.sin(2 * numpy.pi * (180 + 40 * number) * moments) * numpy.abs(numpy.sin(3 * moments)) * 0.3
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, RATE, format="FLAC", subtype="PCM_16")
    return str(offered.files.add(buffer.getvalue()))


def _fill_work(offered: Services, world: World, archive: str, school: str, number: int, sounds: list[str]) -> None:
    book = CriteriaBook(describe_assessment(), {}, {},
                        {ITEM: {"item": {"html": "<p>Опишите рисунок</p>", "interactions": []}, "guidance": ""}})
    work = WorkToMark(archive, school, CAMPAIGN, RULES, book, REGION)
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: open_work(session, now_ms, work))
    numbers = [one for one in range(world.answers) if world.school_of(one) == number]
    for start in range(0, len(numbers), BATCH):
        some = [_make_attempt(one, sounds[one % len(sounds)]) for one in numbers[start:start + BATCH]]
        offered.storage.write(partial(_add, now_ms, work, some))


def _add(now_ms: int, work: WorkToMark, some: list[tuple[SubmittedAttempt, SortedAttempt]], session: Session) -> int:
    return add_attempts(session, now_ms, work, some)


def _make_attempt(number: int, sound: str) -> tuple[SubmittedAttempt, SortedAttempt]:
    """`NOTE` tells the robots which answer they hear: people would know it by listening."""
    code = f"{number:05d}"
    content: dict[str, Any] = {"files": [], "responses": {"NOTE": code},
                               "recordings": [{"sha256": sound, "seconds": SECONDS, "verdict": "heard"}]}
    submitted = SubmittedAttempt(f"attempt-{code}", code, "10000", "0" * 64, {}, [])
    return submitted, SortedAttempt([AnswerForPeople(1, ITEM, "spoken", content)], [], {"1": "answered"})


def _hire(offered: Services, profiles: Sequence[RobotProfile],
          schools: list[str]) -> tuple[Account, dict[str, Account]]:
    now_ms, head = offered.clock.now_ms(), draw_account("head")
    experts = {one.login: draw_account(one.login) for one in profiles}

    def act(session: Session) -> None:
        create_account(session, now_ms, head.login, "expert", is_head=True, territory=REGION, subjects=["*"],
                       password=head.password)
        for one in profiles:
            create_account(session, now_ms, one.login, "expert", school=schools[one.school],
                           password=experts[one.login].password)
    offered.storage.write(act)
    return head, experts
