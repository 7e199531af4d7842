"""Languages of the pages: Russian first, English second.

Takes the choice kept in the session. Gives the locale, and where the stages' translations and templates lie.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, request, session, url_for
from flask_babel import Babel, force_locale
from werkzeug.wrappers import Response

from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

LANGUAGES = {"ru": "Русский", "en": "English"}
STAGES = Path(__file__).resolve().parents[2]
pages = Blueprint("language", __name__)


@pages.post("/language")
def choose_language() -> Response:
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    back = urlsplit(request.form.get("back", ""))
    own = back.path.startswith("/") and not back.path.startswith("//") and not back.netloc
    return redirect(back.path if own else url_for("home.show_home"))


def find_stage_folders(name: str) -> list[str]:
    """Folders called `name` of every stage: pages need not say where their templates lie."""
    return sorted(str(path) for path in STAGES.glob(f"*/{name}") if path.is_dir())


def speak_languages(app: Flask) -> None:
    """Russian is the language of the sources; English comes from the stages' translations."""
    folders = [str(STAGES / "foundation" / "translations"), *find_stage_folders("translations")]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(dict.fromkeys(folders))
    Babel(app, locale_selector=current_language, default_locale="ru")
    app.jinja_env.globals.update(current_language=current_language, languages=LANGUAGES)


@contextmanager
def speak_apart(language: str) -> Iterator[None]:
    """Inside it texts are of this language, where there is no application and nobody asks: in the worker."""
    app = Flask("testing_server")
    speak_languages(app)
    with app.app_context(), force_locale(language if language in LANGUAGES else "ru"):
        yield


def current_language() -> str:
    """What the person chose, else the role's own language."""
    return session.get("language") or services().settings.language


MOUNT = Mount(blueprint=pages, access={"choose_language": frozenset({ANYONE})})
