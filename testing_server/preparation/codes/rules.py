"""Drawing codes and logins: pure, chance comes as `random_below(n) -> 0..n-1`. Takes numbers; gives digits."""
from collections.abc import Callable, Collection

from flask_babel import lazy_gettext as _

from testing_server.contracts.check_digits import make_login
from testing_server.foundation.refusals import Refusal

RandomBelow = Callable[[int], int]
# the reserve is a range of its own: on a day without internet everybody sees which code it was
FIRST, FIRST_RESERVE, END = 10_000, 90_000, 100_000


class TooManyCodes(Refusal):
    code = "too_many_codes"
    status = 422
    message = _("Столько кодов из пяти цифр не выдать.")
    remedy = _("Проверьте число участников.")


def draw_codes(random_below: RandomBelow, count: int, taken: Collection[str] = ()) -> list[str]:
    """`count` codes in random order, none of them taken, outside the reserve range. Raises TooManyCodes."""
    return _draw(random_below, count, taken, FIRST, FIRST_RESERVE)


def draw_reserve(random_below: RandomBelow, count: int, taken: Collection[str] = ()) -> list[str]:
    """`count` codes of the reserve range. Raises TooManyCodes."""
    return _draw(random_below, count, taken, FIRST_RESERVE, END)


def draw_logins(random_below: RandomBelow, count: int, taken: Collection[str] = ()) -> list[str]:
    """`count` logins, none of them taken."""
    drawn: list[str] = []
    seen = set(taken)
    while len(drawn) < count:
        login = make_login(random_below)
        if login not in seen:
            seen.add(login)
            drawn.append(login)
    return drawn


def _draw(random_below: RandomBelow, count: int, taken: Collection[str], first: int, end: int) -> list[str]:
    used = {int(code) for code in taken if first <= int(code) < end}
    if count < 0 or count > end - first - len(used):
        raise TooManyCodes()
    drawn: list[str] = []
    while len(drawn) < count:
        number = first + random_below(end - first)
        if number not in used:
            used.add(number)
            drawn.append(f"{number:05d}")
    return drawn
