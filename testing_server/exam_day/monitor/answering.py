"""What the boards' answers have in common: a moment in the address, JSON without a detour. Takes the request."""
from typing import Any

import msgspec
from flask import Response, request
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal


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


def answer(body: dict[str, Any]) -> Response:
    """JSON without the detour over text: two megabytes in ten milliseconds."""
    return Response(msgspec.json.encode(body), mimetype="application/json")
