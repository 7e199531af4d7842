"""Reading campaigns. Takes the hub's data folder; gives those shipped and those put into data/campaigns."""
import json
from pathlib import Path

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.rules import KEEP_DAYS, Campaign, read_campaign

SHIPPED = Path(__file__).parent / "data"
FOLDER = "campaigns"


class UnknownCampaign(Refusal):
    code = "unknown_campaign"
    status = 404
    message = _("Такой кампании нет.")


def list_campaigns(data: Path) -> list[Campaign]:
    """All campaigns by id; a file in data/campaigns comes before a shipped one of the same id."""
    found: dict[str, Campaign] = {}
    for folder in (data / FOLDER, SHIPPED):
        for path in sorted(folder.glob("*.json")):
            campaign = read_campaign(json.loads(path.read_text(encoding="utf-8")))
            found.setdefault(campaign.id, campaign)
    return [found[one] for one in sorted(found)]


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
