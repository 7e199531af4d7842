"""Resumable upload by tus 1.0 and quarantine: pure rules. Takes headers; gives values, or the refusal with its status.

https://tus.io/protocols/resumable-upload with creation, checksum, expiration and termination.
"""
import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

TUS = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1")
MAX_PACKAGE_BYTES = 20 * 1024 ** 3
# one chunk with a checksum is held aside until it has been checked
MAX_CHECKED_BYTES = 16 * 1024 * 1024
EXPIRES_MS = 30 * 24 * 3_600_000
DAY_MS = 24 * 3_600_000
# of one school, not accepted yet: a day of large packages sent twice is far below
MAX_UNJUDGED = 50
MAX_UNJUDGED_BYTES = 3 * MAX_PACKAGE_BYTES
# a worker that was asked and says nothing for so long is gone, and its queue with it
ASK_AGAIN_MS = 5 * 60_000
METADATA = ("package", "school", "sitting", "sequence", "sha256", "filename")


class WrongTusVersion(Refusal):
    code = "wrong_tus_version"
    status = 412
    message = _("Сервер принимает отправку по протоколу tus 1.0.0.")


class BadUpload(Refusal):
    code = "bad_upload"
    status = 400
    message = _("Заголовки отправки не читаются.")


class WrongContentType(Refusal):
    code = "wrong_content_type"
    status = 415
    message = _("Часть пакета должна идти с типом application/offset+octet-stream.")


class PackageTooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("Пакет или его часть больше допустимого.")


class ChecksumDiffers(Refusal):
    code = "checksum_mismatch"
    status = 460
    message = _("Часть пакета пришла повреждённой и отброшена.")
    safe = _("Принятое раньше цело.")
    remedy = _("Отправьте эту часть ещё раз.")


class OffsetDiffers(Refusal):
    code = "wrong_offset"
    status = 409
    message = _("Часть пакета пришла не по порядку.")
    remedy = _("Спросите, сколько уже принято, и продолжите с этого места.")


class UploadUnknown(Refusal):
    code = "not_found"
    status = 404
    message = _("Такой отправки у вашей школы нет.")


class UploadExpired(Refusal):
    code = "upload_expired"
    status = 410
    message = _("Эта отправка отменена или её срок истёк.")
    remedy = _("Начните отправку пакета заново.")


class AlreadyReceived(Refusal):
    code = "already_received"
    status = 409
    message = _("Пакет уже принят целиком, отменить его отправку нельзя.")


class InQuarantine(Refusal):
    code = "quarantined"
    status = 409
    message = _("Пакет не принят и отложен; причина указана рядом.")
    safe = _("Пакет хранится у координатора, работы в школе целы.")
    remedy = _("Соберите пакет ещё раз и отправьте; если не поможет, позвоните координатору.")


class QuotaExceeded(Refusal):
    code = "quota_exceeded"
    status = 413
    message = _("От этой школы лежит слишком много пакетов, которые не приняты.")
    safe = _("Пакет цел у вас, присланное раньше цело здесь.")
    remedy = _("Закончите или отмените начатые отправки; отложенные пакеты разберёт координатор.")


class NotToRelease(Refusal):
    code = "not_to_release"
    status = 409
    message = _("Этот пакет отложен не из-за отзыва или переноса: словом координатора его не принять.")
    remedy = _("Устраните причину, указанную рядом, и проверьте пакет ещё раз.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = _("Нужна причина: она останется в журнале рядом с пакетом.")
    remedy = _("Напишите одним предложением, почему эти работы принимают.")


@dataclass(frozen=True)
class Checksum:
    """What the sender says of a chunk."""

    algorithm: str
    digest: bytes

    def fits(self, data: bytes) -> bool:
        """Whether the chunk is what was sent."""
        return hmac.compare_digest(hashlib.new(self.algorithm, data).digest(), self.digest)


def check_version(headers: Mapping[str, str]) -> None:
    """Raises WrongTusVersion."""
    if headers.get("Tus-Resumable") != TUS:
        raise WrongTusVersion(details={"Tus-Version": TUS})


def read_length(headers: Mapping[str, str]) -> int:
    """Upload-Length in bytes. Raises BadUpload, PackageTooLarge."""
    length = _read_number(headers, "Upload-Length")
    if length > MAX_PACKAGE_BYTES:
        raise PackageTooLarge(details={"most_bytes": MAX_PACKAGE_BYTES})
    return length


def read_offset(headers: Mapping[str, str]) -> int:
    """Upload-Offset in bytes. Raises BadUpload."""
    return _read_number(headers, "Upload-Offset")


def read_metadata(text: str) -> dict[str, str]:
    """Upload-Metadata: "key base64,key base64". Unknown keys are left out. Raises BadUpload."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _space, value = pair.partition(" ")
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise BadUpload(details={"header": "Upload-Metadata"}) from error
        if name in found or len(decoded) > 300:
            raise BadUpload(details={"header": "Upload-Metadata"})
        found[name] = decoded
    return {name: value for name, value in found.items() if name in METADATA}


def read_checksum(text: str | None) -> Checksum | None:
    """Upload-Checksum: "sha256 base64". Raises BadUpload for another algorithm."""
    if text is None:
        return None
    algorithm, _space, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadUpload(details={"header": "Upload-Checksum"}) from error
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm).digest_size:
        raise BadUpload(details={"header": "Upload-Checksum", "algorithms": list(ALGORITHMS)})
    return Checksum(algorithm, digest)


def check_piece(offset: int, have: int, announced: int | None, length: int, checked: bool) -> None:
    """Whether a piece may be taken. `announced`: its Content-Length if it has one.

    Raises OffsetDiffers, PackageTooLarge.
    """
    if offset != have:
        raise OffsetDiffers(details={"offset": have})
    if announced is not None and offset + announced > length:
        raise PackageTooLarge(details={"left_bytes": length - offset})
    if checked and (announced is None or announced > MAX_CHECKED_BYTES):
        raise PackageTooLarge(details={"most_bytes": MAX_CHECKED_BYTES})


def show_expiry(last_byte_at_ms: int) -> str:
    """Upload-Expires, as RFC 9110 writes a date."""
    return formatdate((last_byte_at_ms + EXPIRES_MS) / 1000, usegmt=True)


def is_expired(last_byte_at_ms: int, now_ms: int) -> bool:
    """30 days after the last byte."""
    return now_ms >= last_byte_at_ms + EXPIRES_MS


def describe_receipt(facts: Mapping[str, Any], ciphertext_sha256: str, received_at_ms: int,
                     keep_days: int) -> dict[str, Any]:
    """Payload of a receipt; `facts` as verification gives them; `keep_days`: before workstations may delete."""
    manifest = facts["manifest"]
    return {
        "format": "receipt/1", "package_id": facts["package"], "ciphertext_sha256": ciphertext_sha256,
        "school": manifest["school"], "sitting": manifest["sitting"], "sequence": manifest["sequence"],
        "received_at_ms": received_at_ms, "verdict": "accepted", "copies": 1,
        "purge_not_before_ms": received_at_ms + keep_days * DAY_MS,
        "attempts": [{"attempt": one["id"], "receipt": one["receipt"], "heads": one["heads"],
                      "recordings": _list_whole(manifest["recordings"], one["id"], "pcm_sha256"),
                      "files": _list_whole(manifest.get("files", []), one["id"], "sha256")}
                     for one in manifest["attempts"]],
    }


def _list_whole(packed: Sequence[Mapping[str, Any]], attempt: str, digest: str) -> list[str]:
    """Digests of what arrived whole: a workstation deletes nothing else."""
    return sorted({one[digest] for one in packed if (one["attempt"], one["state"]) == (attempt, "whole")})


def check_quota(unjudged: Sequence[int], length: int) -> None:
    """`unjudged`: bytes of each upload of the school that is not accepted. Raises QuotaExceeded."""
    if len(unjudged) >= MAX_UNJUDGED or sum(unjudged) + length > MAX_UNJUDGED_BYTES:
        raise QuotaExceeded(details={"uploads": len(unjudged), "bytes": sum(unjudged)})


def may_ask(state: str, asked_at_ms: int | None, now_ms: int, again: bool) -> bool:
    """Whether the worker is asked to judge; `again`: a person or a package accepted meanwhile wants another verdict."""
    if again:
        return state in ("received", "verifying", "quarantined")
    return state in ("received", "verifying") and (asked_at_ms is None or now_ms >= asked_at_ms + ASK_AGAIN_MS)


def check_releasable(state: str, reason: str) -> None:
    """Only work on withdrawn or moved materials is a coordinator's to accept. Raises NotToRelease."""
    if state != "quarantined" or reason != "withdrawn_or_redated":
        raise NotToRelease()


def read_reason(text: str) -> str:
    """One line. Raises ReasonMissing."""
    reason = " ".join(text.split())[:500]
    if not reason:
        raise ReasonMissing()
    return reason


def _read_number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadUpload(details={"header": name})
    return int(text)
