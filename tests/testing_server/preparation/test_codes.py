"""Codes stand for people once per campaign, logins once per day; both survive being read from paper."""
from random import Random

import pytest
from hypothesis import given, strategies

from testing_server.contracts.check_digits import is_checked
from testing_server.contracts.statements import read_unverified
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.codes.actions import issue_codes, issue_logins
from testing_server.preparation.codes.queries import read_codes, read_electronic_protocol
from testing_server.preparation.codes.rules import TooManyCodes, draw_codes, draw_logins, draw_reserve
from testing_server.preparation.registry.queries import read_school
from testing_server.preparation.registry.rules import UnknownSchool
from testing_server.preparation.rosters.actions import issue_roster
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import DEMO, pretend_sealed


@given(count=strategies.integers(0, 300), seed=strategies.integers())
def test_codes_are_five_digits_without_repeats(count: int, seed: int) -> None:
    below = Random(seed).randrange
    codes = draw_codes(below, count)
    reserve = draw_reserve(below, 20, codes)
    assert len(set(codes) | set(reserve)) == count + 20
    assert all(len(code) == 5 and code.isdigit() and code < "90000" for code in codes)
    assert all(code >= "90000" for code in reserve)


@given(seed=strategies.integers())
def test_logins_catch_a_slip(seed: int) -> None:
    logins = draw_logins(Random(seed).randrange, 50)
    assert len(set(logins)) == 50 and all(is_checked(login) and len(login) == 8 for login in logins)


def test_the_last_free_code_is_still_found() -> None:
    taken = [f"{number:05d}" for number in range(90_000, 99_999)]
    assert draw_reserve(Random(1).randrange, 1, taken) == ["99999"]
    with pytest.raises(TooManyCodes):
        draw_reserve(Random(1).randrange, 2, taken)


def test_codes_given_out_never_change(hub: Hub) -> None:
    school = make_school(hub).id
    first = hub.write(issue_codes, campaign="c", school=school, count=5, reserve=2)
    second = hub.write(issue_codes, campaign="c", school=school, count=3)
    assert second.codes[:5] == first.codes and len(second.codes) == 8
    assert second.reserve == first.reserve
    assert hub.read(read_codes, "other", school).codes == ()


def test_every_code_gets_one_login_a_day(hub: Hub) -> None:
    school = make_school(hub).id
    hub.write(issue_codes, campaign="c", school=school, count=5, reserve=2)
    assert hub.write(issue_logins, campaign="c", school=school, day="2027-04-14") == 5
    assert hub.write(issue_logins, campaign="c", school=school, day="2027-04-14") == 0
    hub.write(issue_logins, campaign="c", school=school, day="2027-04-15")
    first = hub.read(read_electronic_protocol, "c", school, "2027-04-14")
    second = hub.read(read_electronic_protocol, "c", school, "2027-04-15")
    assert [one.code for one in first] == [one.code for one in second]
    assert not {one.login for one in first} & {one.login for one in second}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("school", [None, "nobody"])
def test_a_school_that_is_not_there_is_unknown_without_a_warning(hub: Hub, school: str | None) -> None:
    with pytest.raises(UnknownSchool):
        hub.read(read_school, school)


def test_an_unknown_school_gets_no_codes(hub: Hub) -> None:
    with pytest.raises(UnknownSchool):
        hub.write(issue_codes, campaign="c", school="nobody", count=1)


def test_a_candidate_keeps_one_code_over_all_works_and_days(hub: Hub) -> None:
    """Two works on two days: other logins, the same codes, in every form and in both signed rosters."""
    school = make_school(hub)
    hub.write(issue_codes, campaign=DEMO, school=school.id, count=4, reserve=2)
    days = ("2026-11-20", "2026-11-24")
    for day in days:
        pretend_sealed(hub, school, DEMO, day)
    campaign = find_campaign(hub.offered.settings.data, DEMO)
    rosters = [read_unverified(hub.write(issue_roster, signing=hub.keys.signing, campaign=campaign, school=school.id,
                                         day=day)).read() for day in days]
    codes = [[one["code"] for one in roster["entries"]] for roster in rosters]
    assert codes[0] == codes[1] == list(hub.read(read_codes, DEMO, school.id).codes)
    assert rosters[0]["reserve"] == rosters[1]["reserve"] and len(rosters[0]["reserve"]) == 2
    assert not {one["login"] for one in rosters[0]["entries"]} & {one["login"] for one in rosters[1]["entries"]}
