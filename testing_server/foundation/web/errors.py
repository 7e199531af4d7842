"""Refusals and faults as answers. Takes exceptions; gives JSON under /v1 and pages elsewhere.

A page says what happened, what is safe, what to do now.
"""
import logging
from typing import Any

import msgspec
from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound as PageMissing, RequestEntityTooLarge, TooManyRequests

from testing_server.contracts.refusals import ContractRefusal, MoveRefused
from testing_server.foundation.accounts.rules import ConsoleLocked
from testing_server.foundation.accounts.second_factor_rules import SecondFactorNeeded
from testing_server.foundation.refusals import (
    BadReport, InternalFailure, NotFound, NotSignedIn, NumberTooLarge, Refusal, StalePage, TooMuch, TooOften,
    WrongState)
from testing_server.foundation.web.gate import PasswordMustChange

log = logging.getLogger(__name__)
# what reading a dictionary of another form raises
MISFITS = (KeyError, TypeError, ValueError, AttributeError, msgspec.MsgspecError)


def answer_errors(app: Flask) -> None:
    """Registers one answer for each kind of failure."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(CSRFError, lambda _: answer_refusal(StalePage()))
    app.register_error_handler(ContractRefusal, answer_contract_refusal)
    app.register_error_handler(OverflowError, lambda _: answer_refusal(NumberTooLarge()))
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_failure)


def answer_refusal(refusal: Refusal) -> Any:
    """JSON for programs, a page for people; who is not signed in is led to the sign-in page."""
    if wants_json():
        response = jsonify(refusal.as_json())
    elif request.method == "GET" and type(refusal) is NotSignedIn:
        return redirect(url_for("accounts.show_sign_in", next=request.full_path.rstrip("?")))
    elif request.method == "GET" and isinstance(refusal, ConsoleLocked) and not is_fetch():
        return redirect(url_for("accounts.show_lock", next=request.full_path.rstrip("?")))
    elif isinstance(refusal, PasswordMustChange):
        return redirect(url_for("accounts.show_password"))
    elif isinstance(refusal, SecondFactorNeeded):
        return redirect(url_for("second_factor.show_second_factor"))
    else:
        response = Response(render_template("error.html", refusal=refusal), mimetype="text/html")
    response.status_code = refusal.status
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def answer_contract_refusal(refusal: ContractRefusal) -> Any:
    """What broke the protocol or the table of states, where a stage has no answer of its own."""
    known: Refusal = WrongState() if isinstance(refusal, MoveRefused) else Refusal(details={"why": str(refusal)[:200]})
    return answer_refusal(known)


def answer_http_error(error: HTTPException) -> Any:
    """Werkzeug's and the limiter's own errors in the same words."""
    known: dict[type[HTTPException], type[Refusal]] = {
        PageMissing: NotFound, RequestEntityTooLarge: TooMuch, TooManyRequests: TooOften}
    for kind, refusal in known.items():
        if isinstance(error, kind):
            return answer_refusal(refusal())
    if error.response is not None or (error.code or 500) < 400:
        return error
    refused = Refusal()
    refused.status = error.code or 500
    return answer_refusal(refused)


def answer_failure(error: Exception) -> Any:
    """Anything unforeseen: the log gets the traceback, the person gets what is safe and what to do."""
    log.exception("failed: %s %s", request.method, request.path, exc_info=error)
    is_report = request.path.startswith("/v1/internal/") and isinstance(error, MISFITS)
    return answer_refusal(BadReport() if is_report else InternalFailure())


def is_fetch() -> bool:
    """A part of a page that fetches itself: led to another page, it would show that one inside itself."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def wants_json() -> bool:
    """Programs live under /v1."""
    return request.path.startswith("/v1/")
