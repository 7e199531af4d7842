"""A signed protocol as the hub's own result form. Takes the work as the roster names it; gives an .xlsx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testing_server.marking.gathering.room_source import OwnWork
from testing_server.outcomes.forms.shapes import shape_of_assessment
from testing_server.outcomes.forms.workbooks import FormHead, write_result_form
from testing_server.outcomes.results.rules import list_form_rows
from testing_server.preparation.registry.queries import School


def fill_form(work: OwnWork, definition: Mapping[str, Any], payload: Mapping[str, Any]) -> bytes:
    """`payload`: of the protocol; what stands above the table is what the hub knows a form again by."""
    assert work.rules is not None
    told = work.rules
    school = School(str(payload["school"]), told.school_login, told.school_name, "", told.region, "")
    head = FormHead(work.campaign, told.work, told.title.get("ru", work.assessment), school)
    return write_result_form(head, shape_of_assessment(definition), list_form_rows(definition, payload))
