"""A person at a browser, without the browser: pages, forms with their tokens, JSON. Speaks HTTP only."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_TROUBLE = re.compile(r'<section class="failure"[^>]*>\s*<h1>(.*?)</h1>', re.S)
PATIENCE_S = 60


class Refused(Exception):
    """The server refused what the robot did; the text is what a person would have read, `status` the HTTP status."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Person:
    """One signed-in person. `base` is the address of the server."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._client = httpx.Client(base_url=self.base, timeout=PATIENCE_S, follow_redirects=True)
        self._token = ""

    def close(self) -> None:
        """Leaves the browser."""
        self._client.close()

    def sign_in(self, login: str, password: str) -> None:
        """Through the sign-in page, as everybody."""
        self.open("/sign-in")
        self.submit("/sign-in", login=login, password=password)

    def open(self, path: str) -> str:
        """A page's text; remembers the form token. Raises Refused."""
        return self._read(self._client.get(path))

    def submit(self, path: str, files: Any = None, **fields: Any) -> str:
        """Sends a form with the token of the page seen last. Raises Refused."""
        return self._read(self._client.post(path, data={"csrf_token": self._token, **fields}, files=files))

    def fetch(self, path: str) -> bytes:
        """A file. Raises Refused."""
        reply = self._client.get(path)
        self._check(reply)
        return reply.content

    def read_json(self, path: str) -> Any:
        """What a page's own script would fetch. Raises Refused."""
        reply = self._client.get(path, headers={"Accept": "application/json"})
        self._check(reply)
        return reply.json()

    def send_json(self, path: str, body: Any, **headers: str) -> Any:
        """What a page's own script would send. Raises Refused."""
        sent = {"X-CSRFToken": self._token, "Origin": self.base, **headers}
        reply = self._client.post(path, json=body, headers=sent)
        self._check(reply)
        return reply.json()

    def _read(self, reply: httpx.Response) -> str:
        self._check(reply)
        if found := _TOKEN.search(reply.text):
            self._token = html.unescape(found.group(1))
        return reply.text

    @staticmethod
    def _check(reply: httpx.Response) -> None:
        if reply.is_success:
            return
        found = _TROUBLE.search(reply.text)
        said = html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else reply.text[:300]
        asked = f"{reply.request.method} {reply.request.url.path}"
        raise Refused(f"{asked}: {reply.status_code}: {said}", reply.status_code)
