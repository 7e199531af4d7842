"""Информатика: criteria with the school's login, not before their hour; points handed in by experts of the subject."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.outcomes.forms.records import ResultFormRecord
from tests.builders import Browser, close_app
from tests.testing_server.outcomes.make_forms import REGION, Forms, fill, make_forms, upload

WORK = "vpr-2021-college/first-year-informatics"
PAGE = f"/marking/forms/{WORK}/sch330001"
BEFORE, DURING = (int(datetime(2021, month, 20, 9, tzinfo=UTC).timestamp() * 1000) for month in (8, 9))


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Forms]:
    made = make_forms(tmp_path_factory.mktemp("informatics"), BEFORE)
    yield made
    close_app(made.hub.app)


def seat(forms: Forms, login: str, subject: str = "informatics", state: str = "approved",
         region: str = REGION) -> Browser:
    """An expert in a commission of its own."""
    def act(session: Any) -> None:
        session.add(CommissionRecord(id=login, subject=subject, region=region, opens_at_ms=0, closes_at_ms=1))
        session.flush()
        session.add(MemberRecord(commission=login, expert=login, state=state, changed_at_ms=0))
    forms.hub.offered.storage.write(act)
    return forms.hub.browser(login, "expert")


def test_only_approved_experts_of_the_subject_and_region_see_the_works(forms: Forms) -> None:
    strangers = [forms.hub.browser("nobody", "expert"), seat(forms, "physicist", subject="physics"),
                 seat(forms, "beginner", state="practising", subject="informatics", region="Тверская область"),
                 seat(forms, "elsewhere", region="Московская область")]
    assert {browser.get(PAGE).status_code for browser in strangers} == {404}
    assert all("sch330001" not in browser.get("/marking/forms").text for browser in strangers)


def test_a_head_sees_the_works_he_leads(forms: Forms) -> None:
    def head(login: str, **details: Any) -> Browser:
        return forms.hub.browser(login, "expert", is_head=True, **details)

    strangers = [head("head-away", territory="Тверская область", subjects=["*"]), head("head-unbound"),
                 head("head-physics", territory=REGION, subjects=["physics"])]
    assert {browser.get(PAGE).status_code for browser in strangers} == {404}
    assert all("sch330001" not in browser.get("/marking/forms").text for browser in strangers)
    ours = head("head-ours", territory=REGION, subjects=["informatics"])
    assert "sch330001" in ours.get("/marking/forms").text and ours.get(PAGE).status_code == 200


def test_criteria_carry_the_login_and_open_at_their_hour_and_points_come_back(forms: Forms) -> None:
    expert = seat(forms, "expert")
    assert "sch330001" in expert.get("/marking/forms").text
    early = expert.get(f"{PAGE}/criteria.xlsx")
    assert early.status_code == 425 and "Критерии откроются" in early.text
    forms.hub.clock.advance(DURING - BEFORE)
    expert.sign_in("expert")
    book = openpyxl.load_workbook(BytesIO(expert.get(f"{PAGE}/criteria.xlsx").data))
    assert all("Логин ОО: sch330001" in str([row for row in sheet.iter_rows(values_only=True)]) for sheet in book)
    assert "Программа верна на всех тестах." in str(list(book["Критерии"].iter_rows(values_only=True)))
    blank = expert.get(f"{PAGE}/form.xlsx").data
    filled = put_codes(fill(blank))
    assert upload(expert, PAGE.replace("sch330001", "sch330002"), filled).status_code == 422, "another school's form"
    answer = upload(expert, PAGE, filled)
    assert answer.status_code == 302, answer.text
    with forms.hub.offered.storage.read() as session:
        kept = session.query(ResultFormRecord).one()
    assert (kept.source, kept.by, kept.rows, kept.school) == ("expert", "expert", 2, forms.school.id)


def put_codes(content: bytes) -> bytes:
    book = openpyxl.load_workbook(BytesIO(content))
    for row, code in ((5, "20001"), (6, "20002")):
        book["Протокол"].cell(row, 1, code)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_school_itself_does_not_hand_it_in(forms: Forms) -> None:
    page = f"/school/forms/{WORK}"
    forms.organizer.sign_in("organizer")
    blank = forms.organizer.get(f"{page}/form.xlsx").data
    answer = forms.organizer.post(page, {"file": (BytesIO(blank), "form.xlsx")}, page="/password",
                                  content_type="multipart/form-data")
    assert answer.status_code == 404 and "вносит эксперт" in answer.text
