"""What a hub may answer to a school: refusals and results as classes, for the school's end of the link."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal


class HubAway(Refusal):
    code = "hub_away"
    status = 503
    message = _("Региональный сервер не отвечает.")
    safe = _("Всё хранится на этом сервере, экзамену связь с регионом не нужна.")
    remedy = _("Проверьте интернет и повторите позже: отправка продолжится с того же места.")
    retry_after_s = 30


class HubRefused(Refusal):
    """The hub said no: `code`, `status`, `details` and the sentence are the hub's own."""

    code = "hub_refused"
    status = 502
    message = _("Региональный сервер отказал.")

    def __init__(self, code: str, status: int, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message or None, details=details)
        self.code, self.status = code, status


class NotYet(HubRefused):
    """A cipher was asked for before its hour."""

    @property
    def opens_at_ms(self) -> int:
        """When it opens, as the hub told."""
        return int(self.details.get("opens_at_ms", 0))


class PlainHubRefused(Refusal):
    code = "plain_hub_refused"
    status = 400
    message = _("Адрес регионального сервера должен начинаться с https://.")
    remedy = _("Проверьте адрес в файле подключения, который выдал координатор.")


class AnswerNotTrusted(Refusal):
    code = "answer_not_trusted"
    status = 502
    message = _("Ответ регионального сервера не подписан его ключом или относится к другой школе.")
    remedy = _("Не вводите шифры и не отправляйте работы; позвоните координатору.")


class FileDamaged(Refusal):
    code = "digest_mismatch"
    status = 502
    message = _("Скачанный файл отличается от того, что подписал региональный сервер.")
    remedy = _("Скачайте его ещё раз; если не поможет, позвоните координатору.")


@dataclass(frozen=True)
class Receipt:
    """A verified receipt: the signed envelope to keep, and what it says."""

    envelope: bytes
    payload: dict[str, Any]


@dataclass(frozen=True)
class Pending:
    """The package is at the hub and is being checked: receiving, received or verifying."""

    state: str


@dataclass(frozen=True)
class Quarantined:
    """The package was refused and is kept aside; `reason` is a word of protocol.md §5."""

    reason: str


@dataclass(frozen=True)
class SignedRoster:
    """A verified roster: the signed envelope to keep, and what it says."""

    envelope: bytes
    payload: dict[str, Any]


@dataclass(frozen=True)
class SignedStatement:
    """A verified statement of an archive: the signed envelope to keep, and what it says."""

    envelope: bytes
    payload: dict[str, Any]


@dataclass(frozen=True)
class Enrolled:
    """Both envelopes a school keeps for good."""

    certificate: bytes
    hub_keys: bytes


def read_refusal(response: httpx.Response) -> HubRefused:
    """The hub's own refusal as an exception."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    kind = NotYet if body.get("code") == "not_yet" else HubRefused
    return kind(body.get("code", "hub_refused"), response.status_code, body.get("message", ""), body.get("details"))
