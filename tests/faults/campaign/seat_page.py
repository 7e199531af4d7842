"""`python -m tests.faults.campaign.seat_page ADDRESS ORDERS SEED`: drives a seat as the page does, without a browser.

Speaks only HTTP to the agent on loopback, holds its event stream open, tries again while the agent is gone. Works for
ever: answers, speaks, answers. ORDERS is a JSON file that says what the candidate is to do: {login, finish, leave}.
Tells JSON lines, each with `at` (monotonic seconds): what it was shown, and each answer it was told to be saved.
"""
from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kiosk_client.robot.answers import invent_answers

RETRY_S = 0.2
LOOK_S = 0.05
WRITTEN, SPOKEN = 1, 2


class Gone(Exception):
    """The agent does not answer."""


class Refused(Exception):
    """The agent answered and said no; the text is its code."""


def tell(**step: Any) -> None:
    """One line on stdout, written at once."""
    sys.stdout.write(json.dumps({**step, "at": time.monotonic()}) + "\n")
    sys.stdout.flush()


class Page:
    """One page of one seat."""

    def __init__(self, address: str, orders: Path, seed: int) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), int(parts.port or 0)
        self._orders, self._chance = orders, random.Random(seed)
        self._cookie = self._open(parts.path)
        self._state: dict[str, Any] = {}
        self._shown: tuple[Any, ...] = ()
        self._items: dict[str, dict[str, Any]] = {}
        self._until = 0.0
        self._answers_left = 0
        threading.Thread(target=self._listen, daemon=True).start()

    # The agent.

    def _open(self, path: str) -> str:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=20)
        connection.request("GET", path)
        reply = connection.getresponse()
        cookie = str(reply.getheader("Set-Cookie")).split(";")[0]
        connection.close()
        return cookie

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=20)
        headers = {"Cookie": self._cookie, "Origin": f"http://{self._host}:{self._port}",
                   "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            reply = connection.getresponse()
            told = json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Gone(str(error)) from error
        finally:
            connection.close()
        if reply.status >= 400:
            raise Refused(str(told.get("code")))
        return told

    def act(self, name: str, **body: Any) -> Any:
        """An action. Raises Gone, Refused."""
        return self._ask("POST", f"/v1/actions/{name}", body)

    def _listen(self) -> None:
        while True:
            try:
                self._read_stream()
            except (OSError, http.client.HTTPException, ValueError):
                pass
            self._state, self._shown = {}, ()
            time.sleep(RETRY_S)

    def _read_stream(self) -> None:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=5)
        connection.request("GET", "/v1/stream", headers={"Cookie": self._cookie})
        reply, name = connection.getresponse(), ""
        while line := reply.readline():
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            elif line.startswith(b"data: ") and name == "state":
                self._show(json.loads(line[6:]))

    def _show(self, state: dict[str, Any]) -> None:
        work, link = state.get("work") or {}, state.get("link") or {}
        shown = (state["screen"], work.get("item"), work.get("stage"), bool(work.get("recording")),
                 link.get("saved"), work.get("trouble"), (state.get("done") or {}).get("delivered"))
        if shown != self._shown:
            tell(step="shown", screen=shown[0], item=shown[1], stage=shown[2], recording=shown[3], saved=shown[4],
                 trouble=shown[5], left_ms=work.get("work_left_ms"), fresh=not self._shown,
                 delivered=shown[6])
        self._shown, self._state = shown, state

    # The candidate.

    def run(self) -> None:
        """For ever."""
        while True:
            try:
                self._step()
            except Gone:
                time.sleep(RETRY_S)
            except Refused as refusal:
                if str(refusal) != "not_now":
                    tell(step="refused", code=str(refusal))
                time.sleep(RETRY_S)
            time.sleep(LOOK_S)

    def _read_orders(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._orders.read_text())
        except (OSError, ValueError):
            found = {}
        return found

    def _step(self) -> None:
        screen = self._state.get("screen")
        act = getattr(self, f"_do_{screen}", None) if screen else None
        if act is not None:
            act(self._read_orders())

    def _do_pairing(self, orders: dict[str, Any]) -> None:
        pairing = self._state["pairing"]
        if pairing["state"] == "green":
            self.act("confirm_pairing", yes=True)
        elif pairing["state"] != "waiting":
            tell(step="pairing", code=self.act("begin_pairing")["code"])
            time.sleep(1)

    def _do_sign_in(self, orders: dict[str, Any]) -> None:
        if orders.get("login"):
            self.act("sign_in", login=orders["login"])

    def _do_check(self, orders: dict[str, Any]) -> None:
        self.act("report_check")

    def _do_instruction(self, orders: dict[str, Any]) -> None:
        self.act("instructed")

    def _do_done(self, orders: dict[str, Any]) -> None:
        if orders.get("leave"):
            self.act("leave")

    def _do_moved(self, orders: dict[str, Any]) -> None:
        if orders.get("leave"):
            self.act("leave")

    def _do_work(self, orders: dict[str, Any]) -> None:
        work = self._state["work"]
        if work["trouble"]:
            self.act("retry_microphone")
        elif orders.get("finish"):
            self._finish(work)
        elif work["stage"] == "speak":
            self._speak(work)
        elif work["item"] == find_item(work, SPOKEN) and self._answers_left <= 0:
            self._begin_to_speak(work)
        else:
            self._answer(work)

    def _finish(self, work: dict[str, Any]) -> None:
        if work["stage"] == "speak":
            self.act("stop_speaking")
        elif work["stage"] == "prepare":
            self.act("speak")
        else:
            self.act("finish")

    def _speak(self, work: dict[str, Any]) -> None:
        if not self._until:
            self._until = time.monotonic() + self._chance.uniform(3, 9)
        elif time.monotonic() > self._until:
            self._until, self._answers_left = 0.0, self._chance.randint(4, 14)
            self.act("stop_speaking")

    def _begin_to_speak(self, work: dict[str, Any]) -> None:
        if work["stage"] == "choose":
            self.act("prepare")
        elif work["stage"] == "prepare":
            self.act("speak")
        elif work["takes_left"]:
            self.act("speak_again")
        else:
            self._answers_left = 10
        time.sleep(RETRY_S)

    def _answer(self, work: dict[str, Any]) -> None:
        written = find_item(work, WRITTEN)
        if self._answers_left <= 0:
            self.act("go", item=find_item(work, SPOKEN))
            time.sleep(RETRY_S)
        elif work["item"] != written:
            self.act("go", item=written)
            time.sleep(RETRY_S)
        else:
            self._give_answer(written)
            self._answers_left -= 1
            time.sleep(self._chance.uniform(0.1, 0.4))

    def _give_answer(self, item: str) -> None:
        if item not in self._items:
            self._items[item] = self._ask("GET", f"/v1/items/{item}")["item"]
        response, value = self._chance.choice(sorted(invent_answers(self._items[item], self._chance).items()))
        told = self.act("answer", item=item, response=response, value=value)
        tell(step="saved", lease=told["lease"], number=told["number"], item=item, response=response, value=value)


def find_item(work: dict[str, Any], position: int) -> str:
    """The id of the item at a position of the work."""
    return str(next(one["id"] for one in work["map"] if one["position"] == position))


if __name__ == "__main__":
    Page(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])).run()
