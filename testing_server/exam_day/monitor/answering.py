"""What the boards' answers have in common: a moment in the address, one reading for all who ask at once.

Takes the request. Twenty boards hear of a change in the same moment and ask for the same: it is read and written as
JSON once, after the last of them asked.
"""
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from flask import Response, request
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.storage.gathering import Gathering
from testing_server.foundation.web.languages import current_language

# an answer goes back to a whole even second, so that boards that were told a moment apart ask for the same
SAME_MS = 2_000
# boards hear of a change within a few milliseconds of each other
GATHERED_S = 0.03
KEPT = 4_096


class NotAMoment(Refusal):
    code = "not_a_moment"
    status = 400
    message = _("Адрес доски не читается: в нём нет момента времени.")


def read_number(name: str, default: int | None = None) -> int:
    """A moment in the address. Raises NotAMoment."""
    text = request.args.get(name, "")
    if not text and default is not None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise NotAMoment()
    return int(text)


def round_moment(at_ms: int) -> int:
    """A little before it, the same for everybody who asks within those two seconds."""
    return at_ms - at_ms % SAME_MS


def answer_together(name: str, territory: str | None, asked: Any, read: Callable[[Any], dict[str, Any]]) -> Response:
    """JSON of what `read(asked)` gives, once for all who ask `name` for this territory, in this language, the same.

    `read` uses nothing of who asks but these. `asked`: anything hashable.
    """
    gatherings: dict[Any, Gathering[Any, bytes]] = services().vault.setdefault("answers", {})
    key = (name, territory, current_language())
    if key not in gatherings and len(gatherings) >= KEPT:
        gatherings.clear()
    gathering = gatherings.setdefault(key, Gathering(lambda many: _read_once(read, many), GATHERED_S, always=True))
    return Response(gathering.put(asked), mimetype="application/json")


def _read_once(read: Callable[[Any], dict[str, Any]], asked: Sequence[Any]) -> list[bytes]:
    found = {one: msgspec.json.encode(read(one)) for one in set(asked)}
    return [found[one] for one in asked]
