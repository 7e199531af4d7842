"""Who of a territory has handed in a work's form, in Excel. Takes what was asked; gives the book."""
from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.workbooks.writing import Book, Sheet, SheetColumn
from testing_server.outcomes.forms.queries import list_forms
from testing_server.outcomes.forms.works import find_work
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.page_words import show_moscow_instant
from testing_server.preparation.registry.queries import list_schools


@export("forms", _("Формы результатов"), "forms-{campaign}-{work}.xlsx", ("campaign", "work"))
def compose_forms(session: Session, asked: Asked) -> Book:
    """Every school that owes the form, those that have not handed in too. Raises UnknownCampaign, NoForm."""
    campaign = find_campaign(asked.data, asked.arguments["campaign"])
    work, states = find_work(session, asked.data, campaign, asked.arguments["work"]), describe_states()
    columns = (SheetColumn(gettext("Логин ОО"), 14), SheetColumn(gettext("ОО"), 40),
               SheetColumn(gettext("Муниципалитет"), 24), SheetColumn(gettext("Форма"), 22),
               SheetColumn(gettext("Участников"), 12), SheetColumn(gettext("Когда"), 36),
               SheetColumn(gettext("Кто"), 20))
    rows = [(one.school.login, one.school.name, one.school.municipality, states[one.state], one.rows,
             show_moscow_instant(one.at_ms) if one.at_ms else "", one.by)
            for one in list_forms(session, work, list_schools(session, asked.territory))]
    return Book((), [Sheet(gettext("Формы"), columns, rows, (work.title, campaign.title))])


def describe_states() -> dict[str, str]:
    """What the states mean here."""
    return {"waiting": gettext("не загружена"), "attention": gettext("загружена с опозданием"),
            "ready": gettext("загружена")}
