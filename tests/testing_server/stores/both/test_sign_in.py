"""Signing in on the stores of a country: accounts and second factors in PostgreSQL, tries counted in Redis.

Each test is written and explained where it lives.
"""
from collections.abc import Callable

import pytest
from flask import Flask

from testing_server.foundation.clock import FakeClock
from tests.builders import save_account
from tests.testing_server.foundation import test_accounts as accounts
from tests.testing_server.foundation import test_second_factor as second_factor
from tests.testing_server.foundation import test_sign_ins as sign_ins

pytestmark = pytest.mark.usefixtures("quick_passwords")
CHOSEN = (
    accounts.test_wrong_password_says_so_and_keeps_the_login, accounts.test_guessing_is_slowed_down,
    accounts.test_a_neighbour_behind_the_same_address_is_not_shut_out,
    accounts.test_a_guesser_elsewhere_does_not_shut_the_owner_out, accounts.test_new_password_ends_other_sessions,
    accounts.test_sign_out_ends_the_session, accounts.test_sign_in_is_in_the_audit,
    sign_ins.test_working_day_ends_a_busy_session, sign_ins.test_idle_person_of_a_hub_is_signed_out,
    sign_ins.test_copied_cookie_is_nobody_after_the_sign_out,
    second_factor.test_the_password_alone_opens_nothing, second_factor.test_before_a_telephone_is_tied_nothing_is_open,
    second_factor.test_a_recovery_code_is_good_once, second_factor.test_half_a_sign_in_ends_after_five_minutes,
    second_factor.test_guesses_are_counted_wherever_they_come_from,
    second_factor.test_a_changed_password_ends_half_a_sign_in)
globals().update({one.__name__: one for one in CHOSEN})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(second_factor.NOW)


@pytest.fixture
def app(open_app: Callable[..., Flask]) -> Flask:
    made = open_app()
    save_account(made, "anna", "coordinator")
    return made


def test_tries_are_counted_for_all_processes(open_app: Callable[..., Flask]) -> None:
    """Eleven wrong passwords over two processes: what one counted the other knows."""
    browsers = [second_factor.Browser(open_app().test_client()) for _process in range(2)]
    answers = [browsers[number % 2].post("/sign-in", {"login": "vera", "password": "x"}).status_code
               for number in range(11)]
    assert answers == [401] * 10 + [429]
