"""Applications, schedules and questionnaires on PostgreSQL: each test is written and explained where it lives."""
from collections.abc import Iterator

import pytest

from tests.builders import close_app
from tests.testing_server.postgres import Model
from tests.testing_server.preparation import test_campaign_stages as stages
from tests.testing_server.preparation.test_campaign_stages import People, make_people, people

CHOSEN = (
    stages.test_an_application_goes_up_level_by_level, stages.test_a_change_after_the_confirmation_is_confirmed_anew,
    stages.test_wrong_numbers_stay_on_the_page_and_nothing_is_kept,
    stages.test_two_people_at_one_application_lose_nothing,
    stages.test_a_first_version_written_twice_at_once_is_kept_once, stages.test_the_excel_form_goes_out_and_comes_back,
    stages.test_the_consolidated_file_lists_who_has_not_and_comes_back,
    stages.test_a_consolidated_file_with_one_wrong_line_changes_nobody,
    stages.test_a_school_is_seen_by_its_own_coordinators_alone,
    stages.test_a_schedule_takes_any_day_of_the_period_and_no_other,
    stages.test_a_reserve_day_is_agreed_by_the_region_alone, stages.test_a_questionnaire_is_answered_on_screen)
globals().update({one.__name__: one for one in CHOSEN})
__all__ = ["people"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None, country_model: Model,
           bucket_url: str) -> Iterator[People]:
    made = make_people(tmp_path_factory.mktemp("campaigns"), database_url=country_model.copy_at("head"),
                       files_url=bucket_url)
    yield made
    close_app(made.hub.app)
