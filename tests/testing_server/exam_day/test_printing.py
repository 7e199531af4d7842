"""Paper: slips and the blank of the name protocol; no page has a place where this server could put a name."""
import inspect
import io
import re

from pypdf import PdfReader

from testing_server.contracts.check_digits import show_login
from testing_server.exam_day.printing import name_protocol, slips
from testing_server.exam_day.sittings.archives import save_roster
from tests.testing_server.exam_day.builders import DAY, Classroom, make_roster


def read_pdf(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def print_both(room: Classroom, count: int) -> tuple[dict[str, object], list[str], list[str]]:
    roster = make_roster(count)
    room.set_up()
    room.write(lambda s: save_roster(s, 1, roster, b"{}", True, "test"))
    person = room.browser()
    return (roster, read_pdf(person.get(f"/codes/{DAY}/demo/slips.pdf").data),
            read_pdf(person.get(f"/codes/{DAY}/demo/name-protocol.pdf").data))


def test_every_candidate_has_a_slip_with_code_and_login(empty_room: Classroom) -> None:
    roster, pages, _ = print_both(empty_room, 23)
    text = "\n".join(pages)
    assert len(pages) == 3 and "Код участника" in text
    for entry in roster["entries"]:  # type: ignore[attr-defined]
        assert entry["code"] in text and show_login(entry["login"]) in text


def test_the_name_protocol_has_codes_and_empty_lines_only(empty_room: Classroom) -> None:
    roster, _, pages = print_both(empty_room, 60)
    text = "\n".join(pages)
    printed = re.findall(r"\b\d{5}\b", text)
    assert sorted(printed) == sorted([entry["code"] for entry in roster["entries"]]  # type: ignore[attr-defined]
                                     + roster["reserve"])  # type: ignore[operator]
    assert "Фамилия, имя, отчество" in text and len(pages) == 3
    rows = [line for page in pages for line in page.splitlines() if re.search(r"\b\d{5}\b", line)]
    assert all(re.fullmatch(r"(\d+ *)?\d{5}( *резервный)?", row.strip()) for row in rows), rows[:3]


def test_no_login_stands_on_the_name_protocol(empty_room: Classroom) -> None:
    roster, _, pages = print_both(empty_room, 5)
    for entry in roster["entries"]:  # type: ignore[attr-defined]
        assert entry["login"] not in "".join(pages) and show_login(entry["login"]) not in "".join(pages)


def test_printing_takes_no_names() -> None:
    for function in (slips.print_slips, name_protocol.print_name_protocol):
        assert "name" not in set(inspect.signature(function).parameters)
    assert set(slips.Slip.__dataclass_fields__) == {"code", "login"}
