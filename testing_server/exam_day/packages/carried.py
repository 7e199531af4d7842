"""A receipt that came on a stick, where there is no internet. Takes the file; the package it names is receipted."""
from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.contracts.receipts import read_receipt
from testing_server.contracts.refusals import ContractRefusal
from testing_server.exam_day.packages.actions import note_package
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.hub_keys import TrustedHub

AWAITING = frozenset({"made", "sending", "sent", "quarantined", "receipted"})


class ReceiptNotTrusted(Refusal):
    code = "bad_receipt"
    status = 422
    message = _("Этот файл не квитанция вашего регионального сервера.")
    safe = _("Работы целы, ничего не удалено.")
    remedy = _("Скачайте квитанцию на странице «Пакеты и квитанции» регионального сервера и принесите этот файл.")


class ReceiptOfAnother(Refusal):
    code = "receipt_of_another"
    status = 409
    message = _("Квитанция настоящая, но пакета, о котором она, на этом сервере нет.")
    safe = _("Работы целы, ничего не удалено.")
    remedy = _("Возьмите квитанцию на пакет этого сеанса: первые знаки его имени стоят в имени файла.")


def take_receipt(session: Session, now_ms: int, envelope: bytes, hub: TrustedHub, sitting: str,
                 by: str) -> PackageRecord:
    """Verified by the hub's keys; the same one again changes nothing. Raises ReceiptNotTrusted, ReceiptOfAnother."""
    try:
        receipt = read_receipt(envelope, hub)
    except ContractRefusal as error:
        raise ReceiptNotTrusted() from error
    package = session.get(PackageRecord, receipt.package_id)
    if package is None or package.sitting != sitting or package.state not in AWAITING:
        raise ReceiptOfAnother(details={"package": receipt.package_id[:16]})
    append_audit(session, now_ms, chain_of(sitting), by, "receipt_brought", package.id)
    return note_package(session, now_ms, package.id, {"state": "receipted", "receipt": envelope.decode()})
