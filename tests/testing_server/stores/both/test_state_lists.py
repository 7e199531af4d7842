"""A country counted by PostgreSQL: each test is written and explained where it lives."""
from collections.abc import Iterator

import pytest

from tests.builders import close_app
from tests.testing_server.postgres import Model
from tests.testing_server.preparation import test_state_lists as lists
from tests.testing_server.preparation.make_hub import Hub
from tests.testing_server.preparation.test_state_lists import federal, large, make_country

CHOSEN = (
    lists.test_counts_are_those_of_the_schools_one_by_one, lists.test_a_large_territory_is_shown_by_region_and_opens,
    lists.test_a_consolidated_file_goes_up_for_a_region_and_not_for_the_country)
globals().update({one.__name__: one for one in CHOSEN})
__all__ = ["federal", "large"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None, country_model: Model,
        bucket_url: str) -> Iterator[Hub]:
    made = make_country(tmp_path_factory.mktemp("country"), database_url=country_model.copy_at("head"),
                        files_url=bucket_url)
    yield made
    close_app(made.app)
