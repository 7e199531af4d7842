"""Reading campaigns. Takes the hub's data folder; gives those shipped and those put into data/campaigns."""
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.reading import read_campaign_file
from testing_server.preparation.campaigns.rules import KEEP_DAYS, BadCampaign, Campaign

SHIPPED = Path(__file__).parent / "data"
FOLDER = "campaigns"
log = logging.getLogger(__name__)


class UnknownCampaign(Refusal):
    code = "unknown_campaign"
    status = 404
    message = _("Такой кампании нет.")


@dataclass(frozen=True)
class BadFile:
    """A file of data/campaigns that is not used. `reason`: place and what is wrong there."""

    name: str
    reason: str


def read_campaigns(data: Path) -> tuple[list[Campaign], list[BadFile]]:
    """All campaigns by id, and the files that hold none.

    A file in data/campaigns comes before a shipped one of the same id; a bad one stops nobody else's.
    """
    found: dict[str, Campaign] = {}
    bad = []
    for folder in (data / FOLDER, SHIPPED):
        for path in sorted(folder.glob("*.json")):
            about = path.stat()
            try:
                campaign = _read_once(path, about.st_mtime_ns, about.st_size)
            except BadCampaign as error:
                bad.append(BadFile(path.name, str(error.message)))
                log.error("campaign is not used: %s", error.message)
            else:
                found.setdefault(campaign.id, campaign)
    return [found[one] for one in sorted(found)], bad


def list_campaigns(data: Path) -> list[Campaign]:
    """All campaigns that can be used, by id."""
    return read_campaigns(data)[0]


def find_keep_days(data: Path, campaign: str) -> int:
    """Days that workstations keep received work; the usual number for a campaign this hub no longer knows."""
    try:
        return find_campaign(data, campaign).keep_days
    except UnknownCampaign:
        return KEEP_DAYS


def find_campaign(data: Path, campaign: str) -> Campaign:
    """Raises UnknownCampaign."""
    for one in list_campaigns(data):
        if one.id == campaign:
            return one
    raise UnknownCampaign(details={"campaign": campaign[:80]})


@lru_cache(maxsize=64)
def _read_once(path: Path, _changed_ns: int, _size: int) -> Campaign:
    # every request asks for its campaign, files change a few times a year
    return read_campaign_file(path)
