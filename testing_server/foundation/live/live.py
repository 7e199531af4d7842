"""One Socket.IO server of the application and the rules of who may watch what.

Takes hints from anywhere in the process (`changed`) and joins from browsers (`watch`). Gives `changed {scope,
version}` to a scope's watchers. Nothing durable goes through here: after a drop a client takes a snapshot.
"""
import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_socketio import ConnectionRefusedError, SocketIO, join_room, leave_room
from gevent import monkey

from testing_server.foundation.live.coalescing import Coalescing
from testing_server.foundation.live.ending import Opener, PeoplesSockets

log = logging.getLogger(__name__)
WatchRule = Callable[[str], bool]


class Live:
    """`socketio` is the Flask-SocketIO instance; `changed` may be called from any request or job."""

    def __init__(self, redis_url: str | None = None) -> None:
        mode = "gevent" if monkey.is_module_patched("threading") else "threading"
        self.socketio = SocketIO(async_mode=mode, message_queue=redis_url, manage_session=False,
                                 channel="testing-server")
        self.people = PeoplesSockets(self.socketio)
        self._coalescing = Coalescing()
        self._flushing = False
        self._rules: dict[str, WatchRule] = {}
        self._greeters: list[Callable[[Any], bool]] = []

    def attach(self, app: Flask) -> None:
        """Joins the application and registers connect, disconnect, watch and unwatch."""
        self.socketio.init_app(app)
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        self.socketio.on_event("watch", self._watch)
        self.socketio.on_event("unwatch", self._unwatch)

    def allow_watching(self, prefix: str, rule: WatchRule) -> None:
        """Scopes "prefix" and "prefix:…" may be joined where `rule(scope)` is true.

        The rule runs inside the request context of the socket: `current_user` is the person.
        """
        self._rules[prefix] = rule

    def allow_connecting(self, greeter: Callable[[Any], bool]) -> None:
        """Lets programs in beside signed-in people: `greeter(auth)` gets what the client sent as `auth`."""
        self._greeters.append(greeter)

    def pace(self, scope: str, interval_ms: int) -> None:
        """Tells the watchers of this scope more seldom than others."""
        self._coalescing.paces[scope] = interval_ms

    def changed(self, scope: str, version: int) -> None:
        """Tells the watchers of `scope` that `version` is there, at most four times a second."""
        self._coalescing.offer(scope, version)
        if not self._flushing:
            self._flushing = True
            self.socketio.start_background_task(self._flush)

    def _flush(self) -> None:
        try:
            while (wait_ms := self._coalescing.next_in_ms(_monotonic_ms())) is not None:
                self.socketio.sleep(wait_ms / 1000)
                for scope, version in self._coalescing.take_due(_monotonic_ms()).items():
                    self.socketio.emit("changed", {"scope": scope, "version": version}, to=scope)
        finally:
            self._flushing = False

    def _connect(self, auth: Any = None) -> None:
        is_person = current_user.is_authenticated and current_user.is_ready
        if not is_person and not any(greet(auth) for greet in self._greeters):
            raise ConnectionRefusedError("not_signed_in")
        if is_person:
            self.people.add(_this_socket(), Opener(current_user.get_id(), current_user.sign_in))

    def _disconnect(self, *_reason: Any) -> None:
        self.people.forget(_this_socket())

    def _watch(self, message: Any) -> dict[str, Any]:
        scope = read_scope(message)
        rule = self._rules.get(scope.partition(":")[0])
        if not scope or rule is None or not rule(scope):
            return {"code": "not_allowed", "scope": scope}
        join_room(scope)
        return {"scope": scope}

    def _unwatch(self, message: Any) -> None:
        leave_room(read_scope(message))


def read_scope(message: Any) -> str:
    """The scope a client names, or an empty text when it names none."""
    scope = message.get("scope") if isinstance(message, dict) else None
    return scope if isinstance(scope, str) and len(scope) <= 200 else ""


def _this_socket() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _monotonic_ms() -> int:
    # real time even in tests with a standing clock: this paces a wire, it decides nothing
    return time.monotonic_ns() // 1_000_000
