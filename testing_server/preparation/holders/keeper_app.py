"""The keeper over HTTP. Takes a Keeper; gives a small application with three addresses, all for its hub.

Nobody signs in here: the hub's question is signed, the answer is encrypted to the address in it, and a half alone is
random bytes.
"""
from __future__ import annotations

import base64
from typing import Any

import pyrage
from flask import Flask, Response, jsonify, request

from testing_server.contracts.canonical import encode_canonical
from testing_server.preparation.holders.keeping import Keeper, KeeperRefused
from testing_server.preparation.holders.shares import BadHalf

LONGEST_BODY = 256 * 1024


def make_keeper_app(keeper: Keeper) -> Flask:
    """GET /v1/state, POST /v1/halves, POST /v1/postponements."""
    app = Flask("keeper")
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.get("/v1/state")(lambda: jsonify(keeper.tell_state()))
    app.post("/v1/halves", endpoint="halves")(lambda: answer_halves(keeper))
    app.post("/v1/postponements", endpoint="postponements")(lambda: jsonify(
        {"opens_at_ms": keeper.raise_hour([str(one).encode() for one in read_list("envelopes")])}))
    app.register_error_handler(KeeperRefused, lambda refused: refuse(refused.code, refused.details))
    app.register_error_handler(BadHalf, lambda refused: refuse("bad_half", {}))
    return app


def answer_halves(keeper: Keeper) -> Response:
    """{question, hub_keys, halves {pair: sealed}} -> {answer}: base64 of age to the address in the question."""
    body = read_body()
    halves = body.get("halves")
    if not isinstance(halves, dict):
        raise KeeperRefused("bad_half")
    question, opened = keeper.give_halves(
        str(body.get("question", "")).encode(), str(body.get("hub_keys", "")).encode(),
        {str(pair): str(one) for pair, one in halves.items()})
    told = encode_canonical({"slot": question.slot, "halves": {one.pair: one.data.hex() for one in opened}})
    try:
        sealed = pyrage.encrypt(told, [pyrage.x25519.Recipient.from_str(question.recipient)])
    except pyrage.RecipientError as error:
        raise KeeperRefused("not_the_hub") from error
    return jsonify({"answer": base64.b64encode(sealed).decode()})


def refuse(code: str, details: dict[str, Any]) -> tuple[Response, int]:
    """The shape of every refusal of the protocol."""
    return jsonify({"code": code, "details": details}), 403


def read_body() -> dict[str, Any]:
    """Raises KeeperRefused."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise KeeperRefused("not_the_hub")
    return body


def read_list(name: str) -> list[Any]:
    """A list of the body, [] where it is something else."""
    value = read_body().get(name)
    return value if isinstance(value, list) else []
