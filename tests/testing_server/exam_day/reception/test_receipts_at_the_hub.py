"""The hub proves a candidate's receipt from the events it accepted, to coordinators of that territory alone."""
from click.testing import CliRunner

from testing_server.cli import main
from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.exam_day.appeals.hub import find_received
from testing_server.exam_day.reception.records import ReceivedAttemptRecord

from tests.testing_server.exam_day.reception.make_reception import Reception


def ask(reception: Reception, login: str, code: str, **account: str) -> str:
    browser = reception.hub.browser(login, "coordinator", **account)
    page = "/coordinator/receipts"
    return str(browser.post(page, {"receipt": show_receipt_code(code)}, page=page).text)


def test_a_coordinator_hears_yes_or_no(reception: Reception) -> None:
    package = reception.package([reception.seat(code="54321")])
    reception.deliver(package)
    code = package.manifest.attempts[0].receipt
    yes = ask(reception, "coordinator", code)
    assert "Да: эта работа принята" in yes and "54321" in yes and "звук хранится" in yes
    assert "Нет: среди принятых" in ask(reception, "other", code, territory="Камчатский край")
    assert "Нет: среди принятых" in ask(reception, "third", "0" * 20)
    browser = reception.hub.browser("fourth", "coordinator")
    mistyped = browser.post("/coordinator/receipts", {"receipt": "A" * 22}, page="/coordinator/receipts")
    assert mistyped.status_code == 422
    assert reception.hub.browser("organizer", "school_organizer").get("/coordinator/receipts").status_code == 403


def test_a_code_that_the_events_do_not_make_is_told(reception: Reception) -> None:
    reception.deliver(reception.package())
    offered = reception.hub.offered

    def change(session: object) -> None:
        session.query(ReceivedAttemptRecord).one().receipt_code = "1" * 20  # type: ignore[attr-defined]
    offered.storage.write(change)
    with offered.storage.read() as session:
        proof = find_received(session, offered.files, "1" * 20)
    assert proof is not None and proof.broken == "receipt"


def test_the_command_says_the_same(reception: Reception) -> None:
    package = reception.package()
    reception.deliver(package)
    data = str(reception.hub.offered.settings.data)
    shown = show_receipt_code(package.manifest.attempts[0].receipt)
    yes = CliRunner().invoke(main, ["verify-receipt", shown, "--hub", "--data", data])
    assert yes.exit_code == 0 and yes.output.startswith("yes: candidate code")
    no = CliRunner().invoke(main, ["verify-receipt", show_receipt_code("0" * 20), "--hub", "--data", data])
    assert no.exit_code == 1 and no.output.startswith("no:")
