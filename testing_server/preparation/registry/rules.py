"""What a school must have, and which schools a territory covers. Takes texts; gives refusals named for reasons."""
import re
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import TERRITORY_SEPARATOR
from testing_server.foundation.refusals import Refusal

SCHOOL_LOGIN = re.compile(r"[a-z]{2,5}[0-9]{3,10}")


class BadSchoolLogin(Refusal):
    code = "bad_school_login"
    status = 422
    message = _("Логин школы не подходит: нужны от двух до пяти латинских букв и от трёх цифр, как sch330001.")


class SchoolLoginTaken(Refusal):
    code = "school_login_taken"
    status = 409
    message = _("Школа с таким логином уже есть.")
    remedy = _("Найдите её в списке школ или возьмите другой логин.")


class UnknownZone(Refusal):
    code = "unknown_zone"
    status = 422
    message = _("Такого часового пояса нет.")
    remedy = _("Выберите пояс из списка, например Europe/Kaliningrad.")


class EmptyField(Refusal):
    code = "empty_field"
    status = 422
    message = _("Название, муниципалитет и регион школы должны быть заполнены, без косой черты в регионе.")


class UnknownSchool(Refusal):
    code = "unknown_school"
    status = 404
    message = _("Такой школы нет или она не из вашей территории.")


class Place(Protocol):
    """What a territory is compared with."""

    @property
    def region(self) -> str: ...

    @property
    def municipality(self) -> str: ...


def read_school_login(text: str) -> str:
    """The login as it is kept. Raises BadSchoolLogin."""
    login = text.strip().lower()
    if not SCHOOL_LOGIN.fullmatch(login):
        raise BadSchoolLogin()
    return login


@cache
def list_known_zones() -> frozenset[str]:
    """IANA names of this machine. Kept: asking for them reads hundreds of files, and rules ask at every hour."""
    return frozenset(available_timezones())


def check_zone(name: str) -> str:
    """An IANA name this machine knows. Raises UnknownZone."""
    if name not in list_known_zones():
        raise UnknownZone(details={"zone": name[:80]})
    return ZoneInfo(name).key


def check_place(*texts: str) -> None:
    """Name, municipality and region, in this order. Raises EmptyField."""
    if not all(text.strip() for text in texts) or TERRITORY_SEPARATOR in texts[-1]:
        raise EmptyField()


def covers(territory: str | None, place: Place) -> bool:
    """Whether a coordinator's territory holds a place: nothing = the country, "region" or "region/municipality"."""
    if not territory:
        return True
    region, _separator, municipality = territory.partition(TERRITORY_SEPARATOR)
    return place.region == region and (not municipality or place.municipality == municipality)


def is_within(territory: str | None, other: str | None) -> bool:
    """Whether a coordinator's territory holds another one, or is the same."""
    return not territory or other == territory or (other or "").startswith(territory + TERRITORY_SEPARATOR)


def narrow_territory(own: str | None, wanted: str) -> str | None:
    """The part of the own territory that is asked for; the own one where nothing is, or something outside it."""
    return wanted if wanted and is_within(own, wanted) else own


def is_above(territory: str | None, other: str | None) -> bool:
    """Whether a coordinator of `territory` stands above one of `other`."""
    return is_within(territory, other) and (territory or None) != (other or None)


def name_territory(place: Place) -> str:
    """"region/municipality"."""
    return f"{place.region}{TERRITORY_SEPARATOR}{place.municipality}"
