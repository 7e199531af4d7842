"""Pages of packages: the organizer's own with receipts, the coordinator's with what was kept aside."""
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.reception.actions import pardon_upload
from testing_server.exam_day.reception.judging import start_judging
from testing_server.exam_day.reception.queries import (
    Upload, find_package, find_upload, list_packages, list_territory_uploads, list_uploads)
from testing_server.exam_day.reception.rules import UploadUnknown
from testing_server.foundation.access import AccountRole
from testing_server.foundation.audit import append_audit
from testing_server.foundation.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services
from testing_server.preparation.registry.queries import list_school_names, read_own_school, read_school

pages = Blueprint("reception", __name__)
SCOPE = "packages"
SHOWN = 500
STATES = {
    "receiving": ("running", _("принимается")), "received": ("running", _("принят, ждёт проверки")),
    "verifying": ("running", _("проверяется")), "accepted": ("ready", _("принят")),
    "superseded": ("ready", _("заменён более полным")), "quarantined": ("attention", _("отложен")),
    "replaced": ("ready", _("заменён целым")), "expired": ("stopped", _("отправка прервана")),
}
REASONS = {
    "unreadable": _("файл повреждён или зашифрован не этому серверу"),
    "bad_signature": _("подпись не подходит к содержимому"),
    "unknown_school_key": _("подписан ключом, которого сервер региона не знает"),
    "expired_key": _("ключ школы тогда не действовал"),
    "digest_mismatch": _("содержимое не сходится с описью"),
    "too_large": _("больше допустимого"),
    "unsafe_path": _("внутри недопустимые имена файлов"),
    "unsupported_format": _("неизвестная версия пакета"),
    "diverged": _("в нём нет ответов, которые были в принятом раньше"),
    "missing_previous": _("ссылается на пакет, которого нет"),
    "withdrawn_or_redated": _("материалы отозваны или перенесены на другой день"),
    "unexpected_file": _("внутри лишний файл"),
    "foreign_archive": _("работа по материалам, которых этой школе не выдавали"),
}


@pages.get("/school/packages")
def show_own() -> str:
    with services().storage.read() as session:
        uploads = list_uploads(session, current_user.school)
        packages = {one.package: one for one in list_packages(session, current_user.school)}
        school = read_school(session, current_user.school)
    return render_template("exam_day/hub_packages.html", uploads=uploads, packages=packages, school=school,
                           states=STATES, reasons=REASONS)


@pages.get("/school/packages/<package>/receipt.json")
def fetch_receipt(package: str) -> Response:
    """The signed receipt, to be carried back on a stick."""
    with services().storage.read() as session:
        found = find_package(session, package, current_user.school)
    if found is None:
        raise UploadUnknown()
    return Response(found.receipt, mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="receipt-{package[:12]}.json"'})


@pages.get("/school/packages/<package>/receipt")
def show_receipt(package: str) -> str:
    """The receipt for people: which attempts the hub has, and until when nothing may be deleted."""
    with services().storage.read() as session:
        found = find_package(session, package, current_user.school)
        school = read_school(session, current_user.school)
    if found is None:
        raise UploadUnknown()
    codes = {one["id"]: one["code"] for one in found.manifest["attempts"]}
    return render_template("exam_day/hub_receipt.html", package=found, school=school, codes=codes,
                           receipt=read_unverified(found.receipt).read(), show_receipt_code=show_receipt_code)


@pages.get("/coordinator/packages")
def show_all() -> str:
    return render_template("exam_day/hub_quarantine.html", **_describe())


@pages.get("/coordinator/packages/list")
def show_list() -> str:
    """The part of the page that is fetched again after a change."""
    return render_template("exam_day/hub_quarantine_list.html", **_describe())


@pages.post("/coordinator/packages/<upload>/verify")
def verify_again(upload: str) -> BaseResponse:
    """A package kept aside is checked once more: after an enrolment, or after an update of this server."""
    offered, by, found = services(), current_user.login, _find_own(upload)
    now_ms, chain = offered.clock.now_ms(), f"school:{found.school}"
    offered.storage.write(lambda db: append_audit(db, now_ms, chain, by, "package_verified_again", found.id))
    start_judging(found.id, again=True)
    flash(gettext("Пакет отправлен на повторную проверку. Результат появится здесь."))
    return redirect(url_for("reception.show_all"))


@pages.post("/coordinator/packages/<upload>/release")
def release_package(upload: str) -> BaseResponse:
    """Work on withdrawn or moved materials is let through, with a reason, and checked like any other."""
    offered, by, reason = services(), current_user.login, request.form.get("reason", "")
    found, now_ms = _find_own(upload), offered.clock.now_ms()
    offered.storage.write(lambda db: pardon_upload(db, now_ms, found.id, reason, by))
    start_judging(found.id, again=True)
    flash(gettext("Пакет будет принят, если остальное в порядке. Результат появится здесь."))
    return redirect(url_for("reception.show_all"))


def _find_own(upload: str) -> Upload:
    """A package kept aside, of the coordinator's territory. Raises UploadUnknown, UnknownSchool."""
    with services().storage.read() as session:
        found = find_upload(session, upload)
        if found is None or found.state != "quarantined":
            raise UploadUnknown()
        read_own_school(session, found.school, current_user.territory)
    return found


def watch_packages(live: Live) -> None:
    """Who may hear that packages came."""
    live.allow_watching(SCOPE, lambda scope: current_user.is_authenticated and current_user.role in COORDINATOR)


def _describe() -> dict[str, object]:
    with services().storage.read() as session:
        uploads = list_territory_uploads(session, current_user.territory, SHOWN)
        schools = list_school_names(session, {one.school for one in uploads})
    return {"uploads": uploads, "schools": schools, "states": STATES, "reasons": REASONS, "shown": SHOWN}


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, live=watch_packages,
    access={"show_own": ORGANIZER, "fetch_receipt": ORGANIZER, "show_receipt": ORGANIZER, "show_all": COORDINATOR,
            "show_list": COORDINATOR, "verify_again": COORDINATOR, "release_package": COORDINATOR},
    menu=(MenuEntry("show_own", _("Пакеты и квитанции")), MenuEntry("show_all", _("Пакеты"))))
