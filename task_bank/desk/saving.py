"""The desk as a folder of pages, to be looked at without a server: takes the application, writes what it answers."""
import shutil
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from task_bank.desk.players import PLAYER, find_player

STATIC = ("desk.js", "desk.css", "player.js", "player.css")


def save_pages(app: Flask, out: Path, on_page: Callable[[int, int], object] = lambda done, of: None) -> None:
    """Write index.html, one page for each item, its media and the player. What cannot be shown says why.

    `on_page(done, of)` is told after each item. Answers can be tried there but only a served desk scores them.
    """
    client = app.test_client()
    desk = app.extensions["desk"]
    for folder in ("items", "media", "static"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    _save(client, "/index.html", out / "index.html")
    for done, identifier in enumerate(desk.places, start=1):
        for ending in ("html", "json"):
            _save(client, f"/items/{identifier}.{ending}", out / "items" / f"{identifier}.{ending}")
        on_page(done, len(desk.places))
    for name in desk.list_media():
        _save(client, f"/media/{name}", out / "media" / name)
    for name in STATIC:
        _save(client, f"/static/{name}", out / "static" / name)
    for picture in sorted(PLAYER.glob("*.svg")) + sorted(find_player().glob("*.woff2")):
        shutil.copyfile(picture, out / "static" / picture.name)


def _save(client: FlaskClient, address: str, path: Path) -> None:
    path.write_bytes(client.get(address, base_url="http://127.0.0.1").data)
