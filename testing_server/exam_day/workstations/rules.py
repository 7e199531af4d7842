"""Decisions about workstations. Pure: digests, times and choices come in as arguments."""
from __future__ import annotations

import hashlib
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.contracts.messages import CheckWord
from testing_server.contracts.pairing import commit_nonce, pairing_code
from testing_server.contracts.verdicts import NEEDS_ORGANIZER
from testing_server.foundation.refusals import Refusal

SILENT_AFTER_MS = 5_000
PAIRING_LIFE_MS = 15 * 60_000
PAIRING_FILE_LIFE_MS = 24 * 3_600_000
MOST_USES = 200
CERTIFICATE_LIFE_MS = 365 * 24 * 3_600_000
TOKEN_LIFE_MS = 12 * 3_600_000
CHALLENGE_LIFE_MS = 60_000
LOW_DISK_BYTES = 500 * 1024 * 1024
CLOCK_DOUBT_MS = 120_000
EMPTY_BATTERY = 20
# Numbers of a report that are 0 where nobody measured.
COUNTED = frozenset({"link_kbytes_s", "round_trip_ms", "starts", "memory_free_bytes"})


class PairRefused(Refusal):
    code = "pair_refused"
    status = 409
    message = _("Сопряжение не состоялось: данные рабочего места не сходятся.")
    remedy = _("Начните сопряжение на рабочем месте заново.")


class PairingTooOften(PairRefused):
    status = 429
    message = _("С этого адреса слишком часто просят сопряжение.")
    remedy = _("Подождите минуту и начните снова.")
    retry_after_s = 60


class PairingFileOver(Refusal):
    code = "pairing_file_over"
    status = 409
    message = _("Файл сопряжения не действует: он истёк, отозван или использован на всех компьютерах.")
    remedy = _("Сделайте новый файл на пульте: страница «Рабочие места».")


class UsesOutOfRange(Refusal):
    code = "uses_out_of_range"
    status = 422
    message = _("Файл сопряжения делается для числа компьютеров от 1 до 200.")
    remedy = _("Введите, сколько компьютеров вы сопрягаете.")


class WrongDigits(Refusal):
    code = "wrong_digits"
    status = 409
    message = _("Цифры не совпали: это не то рабочее место или ошибка при вводе.")
    remedy = _("Рабочее место покажет новые шесть цифр. Введите их, глядя на его экран.")


class TypingPaused(Refusal):
    code = "typing_paused"
    status = 429
    message = _("Три неверных кода подряд. Ввод закрыт на пять минут.")
    remedy = _("Проверьте, что в сети нет чужих компьютеров, и подождите.")


class SeatTaken(Refusal):
    code = "seat_taken"
    status = 409
    message = _("Рабочее место с таким номером уже есть.")
    remedy = _("Введите другой номер или сначала снимите прежнее рабочее место с учёта.")


class SeatMissing(Refusal):
    code = "seat_missing"
    status = 422
    message = _("Не указан номер места.")
    remedy = _("Введите номер, который написан на столе.")


class UnknownWorkstation(Refusal):
    code = "unknown_workstation"
    status = 404
    message = _("Сервер не знает этого рабочего места.")
    remedy = _("Пройдите сопряжение заново.")


class WorkstationBlocked(Refusal):
    code = "workstation_blocked"
    status = 403
    message = _("Рабочее место закрыто организатором.")
    remedy = _("Позовите организатора.")


class ChallengeRefused(Refusal):
    code = "challenge_refused"
    status = 403
    message = _("Рабочее место не подтвердило свой ключ.")
    remedy = _("Повторите подключение; если не помогает, пройдите сопряжение заново.")


class VersionsDiffer(Refusal):
    code = "version"
    status = 426
    message = _("Программа рабочего места и сервер говорят на разных версиях протокола.")
    remedy = _("Обновите программу рабочего места.")


def reveal_code(public_key: str, commitment: str, nonce_server: str, nonce_kiosk: str, authority: str) -> str:
    """The six digits both ends must show; all arguments hex. Raises PairRefused when the commitment is broken."""
    try:
        nonce = bytes.fromhex(nonce_kiosk)
        if commit_nonce(nonce) != commitment:
            raise PairRefused()
        return pairing_code(nonce, bytes.fromhex(nonce_server), bytes.fromhex(authority), bytes.fromhex(public_key))
    except ValueError as error:
        raise PairRefused() from error


def check_uses(uses: int) -> int:
    """Raises UsesOutOfRange."""
    if not 1 <= uses <= MOST_USES:
        raise UsesOutOfRange()
    return uses


def check_pairing_request(public_key: str, commitment: str) -> None:
    """Raises PairRefused unless both are 32 bytes in hex."""
    for text in (public_key, commitment):
        try:
            length = len(bytes.fromhex(text))
        except ValueError:
            raise PairRefused() from None
        if length != hashlib.sha256().digest_size:
            raise PairRefused()


def read_seat(text: str) -> str:
    """The seat's label. Raises SeatMissing."""
    seat = " ".join(text.split())[:40]
    if not seat:
        raise SeatMissing()
    return seat


def order_seats(seat: str) -> tuple[int, str]:
    """Sort key: 2 before 10, numbers before words."""
    digits = "".join(sign for sign in seat if sign.isdigit())
    return (int(digits) if digits else 10**9, seat)


def merge_check(known: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """The check after a report: what it did not look at stays as it was known. Adds `reset`."""
    looked_at = {name: value for name, value in report.items()
                 if value not in ("", None) and not (name in COUNTED and value == 0)}
    return {**known, **looked_at, "reset": is_reset(known, report)}


def is_reset(known: dict[str, Any], report: dict[str, Any]) -> bool:
    """Whether the machine forgot its last start: another boot, and its count of starts has not grown."""
    boot, last = report.get("boot_id", ""), known.get("boot_id", "")
    if not boot or not last or boot == last:
        return bool(known.get("reset"))
    return int(report.get("starts", 0)) <= int(known.get("starts", 0))


def count_findings(check: dict[str, Any], word: str) -> int:
    """How many findings of a check are good, attention or stop."""
    return sum(finding["word"] == word for finding in check.get("findings", ()))


def list_check_troubles(check: dict[str, Any]) -> list[str]:
    """Codes of all that is wrong with a check, the most pressing first."""
    tests = (
        ("reset", bool(check.get("reset"))),
        ("disk", check.get("disk_free_bytes", LOW_DISK_BYTES) < LOW_DISK_BYTES),
        ("battery", not check.get("on_mains") and check.get("battery_percent", EMPTY_BATTERY) < EMPTY_BATTERY),
        ("clock", abs(check.get("clock_offset_ms", 0)) > CLOCK_DOUBT_MS),
        ("sound", check.get("verdict") in NEEDS_ORGANIZER),
        ("machine", count_findings(check, CheckWord.STOP) > 0),
    )
    return [code for code, is_so in tests if is_so]


def find_check_trouble(check: dict[str, Any]) -> str:
    """The most pressing of them, "" when nothing is wrong."""
    return next(iter(list_check_troubles(check)), "")
