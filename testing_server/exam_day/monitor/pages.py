"""Pages of the coordinator: the board of the territory, what needs a person, the day live, one sitting."""
from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.exam_day.monitor.board_api import read_campaign_asked
from testing_server.exam_day.monitor.board_workbook import WORKBOOK
from testing_server.exam_day.monitor.concern_words import ACTS, TITLES, describe_concern
from testing_server.exam_day.monitor.concerns import KINDS
from testing_server.exam_day.monitor.day_queries import find_now
from testing_server.exam_day.monitor.live import BOARD, COORDINATOR
from testing_server.exam_day.monitor.marking_queries import describe_marking
from testing_server.exam_day.monitor.queries import find_live_sitting
from testing_server.exam_day.monitor.words import STATE_WORDS, STEP_NAMES, read_board_texts, read_texts
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import UnknownCampaign, find_campaign, list_campaigns
from testing_server.preparation.exports.pages import Answer, answer_export
from testing_server.preparation.people.rules import name_subject

SHOWN = 20
pages = Blueprint("board", __name__)


@pages.get("/coordinator")
def show_board() -> str:
    return render_template("exam_day/board.html", campaigns=list_campaigns(services().settings.data),
                           campaign=read_campaign_asked(), texts=read_board_texts(), steps=STEP_NAMES,
                           states=STATE_WORDS, scope=BOARD)


@pages.get("/coordinator/concerns")
def show_concerns() -> str:
    """The part of the board that says what needs a person; a campaign this hub has no rules of needs nobody."""
    offered, campaign = services(), request.args.get("campaign", "")[:80]
    try:
        found = find_now(offered, current_user.territory, find_campaign(offered.settings.data, campaign))
    except UnknownCampaign:
        found = []
    groups = [(kind, [(school, describe_concern(one, school.zone)) for school, one in found if one.kind is kind])
              for kind in KINDS]
    return render_template("exam_day/concerns.html", groups=[group for group in groups if group[1]], titles=TITLES,
                           acts=ACTS, campaign=campaign, shown=SHOWN)


@pages.get("/coordinator/board/marking")
def show_marking() -> str:
    """The part of the board that says how far marking is: of a part of the territory, or of one school."""
    asked = {name: request.args.get(name, "")[:401] for name in ("territory", "school")}
    with services().storage.read() as session:
        found = describe_marking(session, current_user.territory, read_campaign_asked(), asked["territory"],
                                 asked["school"])
    return render_template("exam_day/board_marking.html", found=found, asked=asked, name_subject=name_subject)


@pages.get("/coordinator/board.xlsx")
def save_board() -> Answer:
    """The board as it is filtered: schools and sums of territories."""
    return answer_export(WORKBOOK, campaign=read_campaign_asked())


@pages.get("/coordinator/live")
def show_live() -> str:
    return render_template("exam_day/live_board.html", texts=read_texts(), scope=BOARD)


@pages.get("/coordinator/live/<school>/<sitting>")
def show_sitting(school: str, sitting: str) -> str:
    offered = services()
    with offered.storage.read() as session:
        found = find_live_sitting(session, current_user.territory, school, sitting, offered.clock.now_ms())
    if found is None:
        raise NotFound()
    return render_template("exam_day/live_sitting.html", sitting=found, texts=read_texts(),
                           scope=f"{BOARD}:{school}/{sitting}")


MOUNT = Mount(
    blueprint=pages, access={
        "show_board": COORDINATOR, "show_concerns": COORDINATOR, "show_marking": COORDINATOR,
        "save_board": COORDINATOR, "show_live": COORDINATOR, "show_sitting": COORDINATOR},
    menu=(MenuEntry("show_board", _("Доска")), MenuEntry("show_live", _("День сейчас"))))
