"""Preview for authors: takes a package, gives a folder of pages with every item as a candidate sees it.

Key and criteria stand beside each item, so these pages are for authors only. They read without a server; to be
answerable they are served on loopback, because browsers load modules over HTTP only.
"""
import html
import mimetypes
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
from lxml import etree

from task_bank.assessments import Position
from task_bank.items.facts import best_answer
from task_bank.items.identifiers import PlainIdentifiers
from task_bank.items.package import AssessmentPackage, ItemFile
from task_bank.items.render import RenderedItem, render_item
from task_bank.items.xml import PackageError, find_all, read_text

PLAYER = Path(__file__).resolve().parent.parent / "player"
BUNDLES = ("testing_server/foundation/web/static/bundle", "kiosk_client/static/bundle")
PAGE_FILES = ("preview.js", "preview.css")


def write_preview(package: AssessmentPackage, out: Path, player: Path | None = None) -> None:
    """Write index.html, one page for each item, its media and the player (when it has been built)."""
    (out / "media").mkdir(parents=True, exist_ok=True)
    for name in PAGE_FILES:
        shutil.copyfile(PLAYER / name, out / name)
    shutil.copyfile(PLAYER / "player.css", out / "player.css")
    built = (player or find_player()) / "player.js"
    if built.exists():
        shutil.copyfile(built, out / "player.js")
    links = []
    for position in package.assessment.positions:
        for identifier in position.pool:
            _write_item(package, package.item(identifier), position, out)
            links.append(f'<li><a href="{identifier}.html">{position.number}. {html.escape(identifier)}</a></li>')
    title = _title(package)
    page = _write_page(title, f"<h1>{html.escape(title)}</h1><ol class=\"items\">{''.join(links)}</ol>")
    (out / "index.html").write_text(page, encoding="utf-8")


def serve_folder(
    package: AssessmentPackage, port: int, player: Path | None, announce: Callable[[str], object]
) -> None:
    """Serve the preview on loopback until interrupted; `announce` is told the address."""
    with tempfile.TemporaryDirectory() as folder:
        write_preview(package, Path(folder), player)
        handler = partial(SimpleHTTPRequestHandler, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
            announce(f"http://127.0.0.1:{server.server_address[1]}/")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                announce("")


def find_player() -> Path:
    """The folder where the built player lies: beside this package, when browser bundles were built."""
    root = PLAYER.parent.parent
    found = (root / folder for folder in BUNDLES if (root / folder / "player.js").exists())
    return next(found, PLAYER / "bundle")


def _write_item(package: AssessmentPackage, item: ItemFile, position: Position, out: Path) -> None:
    names = PlainIdentifiers(item.identifier)
    try:
        rendered = render_item(package, item, position, names, item.identifier)
    except PackageError as error:
        (out / f"{item.identifier}.html").write_text(_write_page(str(error), f"<p>{html.escape(str(error))}</p>"))
        return
    shown = _write_media(rendered, out)
    data = {**rendered.data, "html": shown}
    (out / f"{item.identifier}.json").write_bytes(msgspec.json.encode(data))
    task = f'<main id="task" data-item="{item.identifier}.json">{shown}</main>'
    body = f'{task}<aside id="key">{_write_key(package, item, position)}<output id="answers"></output></aside>'
    (out / f"{item.identifier}.html").write_text(_write_page(item.identifier, body), encoding="utf-8")


def _write_media(rendered: RenderedItem, out: Path) -> str:
    shown = rendered.data["html"]
    for sha256, media in rendered.media.items():
        name = f"{sha256}{mimetypes.guess_extension(media.type) or ''}"
        (out / "media" / name).write_bytes(media.data)
        shown = shown.replace(f"media/{sha256}", f"media/{name}")
        if rendered.data["listening"] and rendered.data["listening"]["media"] == sha256:
            sound = f'<audio controls src="media/{name}"></audio>'
            shown = shown.replace('<div data-slot="listening"></div>', f'<div data-slot="listening">{sound}</div>')
    return shown


def _write_key(package: AssessmentPackage, item: ItemFile, position: Position) -> str:
    rows = []
    for declared in find_all(item.root, "qti-response-declaration"):
        answer = best_answer(declared)
        if answer is not None:
            written = ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
            rows.append(f"<dt>{html.escape(declared.get('identifier', ''))}</dt><dd>{html.escape(written)}</dd>")
    parts = [f"<p>{position.points} б.</p>", f"<dl>{''.join(rows)}</dl>" if rows else ""]
    parts += [f"<p>{html.escape(read_text(node))}</p>" for node in _rubrics(item)]
    for criterion in package.assessment.criteria.get(position.criteria or "", {}).get("criteria", []):
        parts.append(f"<h2>{html.escape(criterion['id'])} {html.escape(criterion['title'])}</h2>")
        levels = [f"<li>{level['points']}: {html.escape(level['text'])}</li>" for level in criterion["levels"]]
        parts.append(f"<ul>{''.join(levels)}</ul>")
    return "".join(parts)


def _rubrics(item: ItemFile) -> list[etree._Element]:
    return [node for node in find_all(item.root, "qti-rubric-block") if "scorer" in node.get("view", "")]


def _title(package: AssessmentPackage) -> str:
    return package.assessment.title.get("ru") or package.assessment.id


def _write_page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{html.escape(title)}</title><link rel="stylesheet" '
        'href="player.css"><link rel="stylesheet" href="preview.css"></head>'
        f'<body>{body}<script type="module" src="preview.js"></script></body></html>'
    )
