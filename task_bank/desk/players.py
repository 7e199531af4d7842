"""Where the built player lies: browsers get the bundle, its sources stay in task_bank/player."""
from pathlib import Path

PLAYER = Path(__file__).resolve().parent.parent / "player"
BUNDLES = ("testing_server/foundation/web/static/bundle", "kiosk_client/static/bundle")


def find_player() -> Path:
    """The folder of the built player: beside this package, where the browser bundles were built."""
    root = PLAYER.parent.parent
    found = (root / folder for folder in BUNDLES if (root / folder / "player.js").exists())
    return next(found, PLAYER)
