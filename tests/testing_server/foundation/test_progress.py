"""Progress: the newest word wins, the line of a school says the same as its words, whatever order they come in."""
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies

from testing_server.foundation.progress import STEPS, State, Step, note_contact, post_progress, read_progress
from testing_server.foundation.progress.actions import CONTACT_EVERY_MS
from testing_server.foundation.progress.queries import select_contacts, select_lines
from testing_server.foundation.progress.rules import NOTHING, change_line, join_states, read_line, write_letter
from testing_server.foundation.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = Storage(f"sqlite:///{tmp_path / 'progress.sqlite'}")
    opened.create_tables()
    yield opened
    opened.close()


def post(storage: Storage, *word: Any) -> None:
    """(school, campaign, work, step, state, at_ms)."""
    storage.write(lambda session: post_progress(session, *word))


def read_steps(storage: Storage, campaign: str, school: str = "s") -> dict[Step, State]:
    """What the school's line says."""
    with storage.read() as session:
        lines = {row.school: row.line for row in session.execute(select_lines(campaign))}
    return read_line(lines.get(school, ""))


def test_the_newest_word_stands_and_an_older_one_does_not(storage: Storage) -> None:
    post(storage, "s", "c", "english-7", Step.CIPHERS, State.READY, 20)
    post(storage, "s", "c", "english-7", Step.CIPHERS, State.WAITING, 10)
    assert read_steps(storage, "c") == {Step.CIPHERS: State.READY}
    with storage.read() as session:
        only, = read_progress(session, "s")
    assert (only.campaign, only.work, only.step, only.state, only.at_ms) == ("c", "english-7", "ciphers", "ready", 20)


def test_a_repeated_word_changes_nothing_that_is_told(storage: Storage) -> None:
    for at_ms in (10, 20):
        post(storage, "s", "c", "", Step.CODES, State.READY, at_ms)
    with storage.read() as session:
        assert session.execute(select_lines("c")).one().changed_at_ms == 10
        assert [one.at_ms for one in read_progress(session)] == [20]


def test_a_step_is_as_far_as_its_worst_work(storage: Storage) -> None:
    post(storage, "s", "c", "english-7", Step.PACKAGES, State.READY, 1)
    post(storage, "s", "c", "german-7", Step.PACKAGES, State.ATTENTION, 2)
    assert read_steps(storage, "c") == {Step.PACKAGES: State.ATTENTION}
    post(storage, "s", "c", "german-7", Step.PACKAGES, State.READY, 3)
    assert read_steps(storage, "c") == {Step.PACKAGES: State.READY}


def test_campaigns_stand_apart_and_share_what_holds_in_all(storage: Storage) -> None:
    post(storage, "s", "spring", "", Step.CODES, State.READY, 1)
    post(storage, "s", "", "enrolment", Step.TRAINING, State.RUNNING, 2)
    post(storage, "s", "autumn", "", Step.CODES, State.WAITING, 3)
    post(storage, "s", "", "enrolment", Step.TRAINING, State.READY, 4)
    assert read_steps(storage, "spring") == {Step.CODES: State.READY, Step.TRAINING: State.READY}
    assert read_steps(storage, "autumn") == {Step.CODES: State.WAITING, Step.TRAINING: State.READY}
    assert read_steps(storage, "winter") == {Step.TRAINING: State.READY}


def test_what_was_said_before_the_campaign_was_known_moves_to_it(storage: Storage) -> None:
    post(storage, "s", "", "sitting-1", Step.PACKAGES, State.RUNNING, 1)
    post(storage, "s", "c", "sitting-1", Step.PACKAGES, State.READY, 2)
    assert (read_steps(storage, "c"), read_steps(storage, "other")) == ({Step.PACKAGES: State.READY}, {})
    post(storage, "s", "", "sitting-1", Step.PACKAGES, State.RUNNING, 3)
    post(storage, "s", "c", "sitting-1", Step.PACKAGES, State.READY, 4)
    assert read_steps(storage, "c") == {Step.PACKAGES: State.READY}


@pytest.mark.parametrize("step, state", [("archive", "ready"), ("codes", "fine"), ("", "")])
def test_a_word_nobody_named_is_refused(storage: Storage, step: str, state: str) -> None:
    with pytest.raises(ValueError):
        post(storage, "s", "c", "", step, state, 1)
    with storage.read() as session:
        assert read_progress(session) == []


def test_a_contact_is_written_twice_a_minute_at_most(storage: Storage) -> None:
    for at_ms, kept in ((1, 1), (CONTACT_EVERY_MS, 1), (CONTACT_EVERY_MS + 1, CONTACT_EVERY_MS + 1), (
            5, CONTACT_EVERY_MS + 1)):
        storage.write(partial(note_contact, school="s", at_ms=at_ms))
        with storage.read() as session:
            assert [row.at_ms for row in session.execute(select_contacts())] == [kept]


@given(strategies.lists(strategies.tuples(strategies.sampled_from(STEPS), strategies.sampled_from(State))))
def test_a_line_says_what_was_written_last(words: list[tuple[Step, State]]) -> None:
    line = ""
    for step, state in words:
        line = change_line(line, step, state)
    assert read_line(line) == dict(words)
    assert len(line) in (0, len(STEPS))


@pytest.mark.parametrize("states, joined", [
    ([], None), (["ready", "waiting"], "running"), (["ready", "attention", "waiting"], "attention"),
    (["ready"], "ready"), (["offline", "stopped"], "stopped")])
def test_states_of_several_works_become_one(states: list[str], joined: str | None) -> None:
    assert join_states(states) == joined


def test_nothing_known_is_a_letter_of_its_own() -> None:
    assert write_letter(None) == NOTHING and read_line(NOTHING * len(STEPS)) == {}
