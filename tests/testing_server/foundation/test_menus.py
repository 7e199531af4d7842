"""What of a menu stands in its line."""
import pytest

from testing_server.foundation.web.menus import LEAST, ROOM, count_in_line


@pytest.mark.parametrize("titles, count", [
    ([], 0), (["Школы"], 1), (["Сегодня", "Архивы"] * 3, 6), (["x" * ROOM], 1), (["x" * ROOM] * 5, LEAST),
    (["Материалы", "Кампании", "Коды и формы", "Аудитории и эксперты", "Пакеты", "Формы результатов",
      "Результаты"], 5)])
def test_a_line_holds_what_fits(titles: list[str], count: int) -> None:
    assert count_in_line(titles) == count


def test_one_letter_too_many_moves_a_title_under_the_word() -> None:
    fitting = ["x" * ((ROOM - 6) // 4)] * 4
    assert count_in_line(fitting) == 4
    assert count_in_line([*fitting[:3], "x" * (len(fitting[0]) + ROOM)]) == 3
