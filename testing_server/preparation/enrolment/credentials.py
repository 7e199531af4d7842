"""The credential file a coordinator gives to a school: login, one-time code, fingerprint of the hub's root.

Takes its parts. Gives JSON text, and reads it back at the school.
"""
import json
from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

FORMAT = "credentials/1"


class BadCredentials(Refusal):
    code = "bad_credentials"
    status = 422
    message = _("Файл подключения не читается.")
    remedy = _("Возьмите файл, который выдал координатор, и не изменяйте его.")


@dataclass(frozen=True)
class Credentials:
    """`hub`: address; `root`: SHA-256 (hex) of the hub root's public key; `expires_at_ms`: end of the code."""

    hub: str
    login: str
    school_name: str
    code: str
    root: str
    expires_at_ms: int


def write_credentials(credentials: Credentials) -> str:
    """The file's text."""
    return json.dumps({"format": FORMAT, **asdict(credentials)}, ensure_ascii=False, indent=1)


def read_credentials(text: str | bytes) -> Credentials:
    """Raises BadCredentials."""
    try:
        parts = json.loads(text)
        if parts.pop("format") != FORMAT:
            raise BadCredentials()
        return Credentials(**{name: parts[name] for name in Credentials.__dataclass_fields__})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCredentials() from error
