"""Where a correction meets the sealed items: the XML that holds now, the check of a corrected file, the scoring."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from task_bank.items import PackageError
from task_bank.items.correction import check_correction
from task_bank.scoring import ScoringError, score_item
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import Services
from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.gathering.rules import Value
from testing_server.marking.rescoring.queries import (
    Correction, find_scored_item, limit_to_region, list_applied, list_archives, list_scored_answers)
from testing_server.marking.rescoring.rules import NotACorrection, Rescored, rescore
from testing_server.preparation.release.actions import open_criteria


def read_current_item(offered: Services, assessment: str, item: str, bounds: Bounds) -> bytes:
    """The item's XML as it scores a head's works now: the last applied correction, else as sealed. Raises NotFound.

    For an item of works that this head leads: the caller has looked.
    """
    with offered.storage.read() as session:
        applied = list_applied(session, assessment, bounds.region).get(item)
    if applied is not None:
        return applied.xml
    sealed = read_sealed_items(offered, assessment, item, bounds)
    if not sealed:
        raise NotFound()
    return sealed[0]


def read_sealed_items(offered: Services, assessment: str, item: str, bounds: Bounds) -> list[bytes]:
    """The different files under which an item was sealed for the schools; one, unless the bank changed between."""
    with offered.storage.read() as session:
        archives = list_archives(session, assessment, bounds)
    paths = [open_criteria(offered, archive) / "items" / f"{item}.xml" for archive in archives]
    return sorted({path.read_bytes() for path in paths if path.is_file()})


def accept_file(offered: Services, assessment: str, item: str, corrected: bytes, bounds: Bounds) -> None:
    """Refuse a file that cannot replace the item in every work a head leads. Raises NotFound, NotACorrection."""
    sealed = read_sealed_items(offered, assessment, item, bounds)
    if not sealed:
        raise NotFound()
    current = read_current_item(offered, assessment, item, bounds)
    try:
        for original in {*sealed, current}:
            # going back to the sealed key after a mistaken correction is a correction too
            if original != corrected:
                check_correction(original, corrected, f"{item}.xml")
    except PackageError as error:
        raise NotACorrection(str(error)) from error
    if current == corrected:
        raise NotACorrection()


def try_correction(offered: Services, correction: Correction) -> list[Rescored]:
    """Every stored answer by the corrected key; nothing is written. Raises NotFound, NotACorrection."""
    bounds = limit_to_region(correction.region)
    with offered.storage.read() as session:
        highest = find_scored_item(session, correction.assessment, correction.item, bounds).highest
        answers = list_scored_answers(session, correction.assessment, correction.item, bounds)
    try:
        return rescore(answers, _make_scorer(correction), Decimal(highest))
    except ScoringError as error:
        raise NotACorrection(str(error)) from error


def _make_scorer(correction: Correction) -> Any:
    def score(responses: Mapping[str, Value]) -> Mapping[str, Any]:
        return score_item(correction.xml, responses, f"{correction.item}.xml")
    return score
