"""Errors turned into answers, in one place: a page, a fragment, or problem+json for the API."""

import sys

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from tracker.database_trouble import trouble_for_people
from tracker.db import session
from tracker.errors import FollowthroughError
from tracker.forms import InvalidForm
from tracker.logs import request_id
from tracker.posted import posted
from tracker.problems import ANY, field_errors, problem
from tracker.problems import SENTENCES as FOR_PROGRAMS
from tracker.security import SessionEnded

SENTENCES = {
    400: "We could not read what was sent. Go back, and try once more.",
    401: "Sign in to see this page.",
    403: "You do not have the right to do this. An administrator can give it to you.",
    404: "There is no such page, or it is not shown to you. Check the address, or start from your work.",
    405: "This page cannot be opened like that. Go back, or start from your work.",
    413: "That is more than we can take at once. Go back to what you typed, make it smaller, then send it again.",
    429: "Too many tries in a short time. Wait a minute, then try again.",
    500: "Something broke on our side. Nothing you saved is lost. Try again; if it stays, tell your administrator.",
}
HEADINGS = {
    403: "Not for you to change",
    404: "Nothing here",
    429: "A little slower",
    500: "Something broke",
    503: "Not just now",
}
RETRY_AFTER = "30"
"""Seconds after which a program may ask again when the database was not there."""
TO_MY_WORK = ("See what waits for you", "/")
NEXT_STEPS = {
    403: [TO_MY_WORK],
    404: [TO_MY_WORK, ("Look through all incidents", "/incidents")],
    405: [TO_MY_WORK],
    500: [TO_MY_WORK],
}


def init_error_pages(app: Flask) -> None:
    app.register_error_handler(FollowthroughError, _domain_error)
    app.register_error_handler(InvalidForm, _invalid_form)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(SessionEnded, _session_ended)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(NoConnectionError, _database_error)
    app.register_error_handler(HTTPException, _http_error)


def _domain_error(error: FollowthroughError) -> ResponseReturnValue:
    session.rollback()
    return answer(error.status, str(error))


def _invalid_form(error: InvalidForm) -> ResponseReturnValue:
    """A form that has no page of its own to be shown on again: a button, a save in the background."""
    session.rollback()
    sentences = [str(text) for texts in error.form.errors.values() for text in texts]
    return answer(422, " ".join(sentences) or "Something in this form is missing. Go back, and fill it in.")


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    if request.headers.get("X-Requested-With") == "autosave":
        return Response("this page was open for too long. Copy your words, then reload it.", 400, mimetype="text/plain")
    if _is_program():
        return answer(400, "This page was open for too long. Copy what you typed, reload it, and send it again.")
    return _kept(
        400,
        heading="Not sent yet",
        sentence="The page was open for a long time, or you signed in again meanwhile. Nothing was changed. "
        "Look at what you sent, then send it again.",
        otherwise="The page was open for a long time, or was not one of ours. Nothing was changed. Open it afresh.",
        wants_sign_in=False,
    )


def _session_ended(_error: SessionEnded) -> ResponseReturnValue:
    if _is_program():
        return answer(401, SENTENCES[401])
    return _kept(
        401,
        heading="Your session has ended",
        sentence="Nothing was saved, and nothing is lost: what you sent is kept on this page. Sign in again, then come "
        "back here to send it, or to copy your words.",
        otherwise="Nothing was saved. Sign in again to go on.",
        wants_sign_in=True,
    )


def _database_error(error: OperationalError | NoConnectionError) -> ResponseReturnValue:
    """The database is full, busy or away: said in words that need no database, and what was sent is kept."""
    current_app.log_exception(sys.exc_info())
    session.remove()
    g._login_user = AnonymousUserMixin()  # or the page would ask the database who reads it
    sentence = trouble_for_people(error)
    if request.headers.get("X-Requested-With") == "autosave":
        return Response("the server cannot save just now. Keep this page open.", 503, mimetype="text/plain")
    if _is_program() or request.method in ("GET", "HEAD"):
        found = current_app.make_response(answer(503, f"{sentence} Nothing that was saved is lost."))
    else:
        kept = _kept(
            503,
            heading="Not saved yet",
            sentence=f"{sentence} What you sent is kept on this page: send it again from here.",
            otherwise=f"{sentence} Nothing was changed. Go back, and try again.",
            wants_sign_in=False,
        )
        found = current_app.make_response(kept)
    found.headers["Retry-After"] = RETRY_AFTER
    return found


def _is_program() -> bool:
    """Whether a page of ours or a script asks, and not a person who will see the answer as a page."""
    return bool(request.headers.get("HX-Request")) or _is_api()


def _kept(status: int, *, heading: str, sentence: str, otherwise: str, wants_sign_in: bool) -> ResponseReturnValue:
    """A page that keeps what was sent; ``otherwise`` is said when there is nothing that may be kept."""
    try:
        kept = posted()
    except RequestEntityTooLarge:
        return answer(413, SENTENCES[413])
    said = sentence if kept.fields or kept.address else otherwise
    context = {"heading": heading, "sentence": said, "kept": kept, "wants_sign_in": wants_sign_in}
    return render_template("errors/kept.html", **context), status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, InternalServerError):
        session.rollback()
    if error.response is not None:
        return error.response
    status = error.code or 500
    if _is_api():
        return _http_problem(error, status)
    return answer(status, SENTENCES.get(status, "That did not work. Go back, and try once more."))


def _http_problem(error: HTTPException, status: int) -> Response:
    """An error of HTTP for a program, with the fields that were wrong and the headers that belong to it."""
    errors = field_errors((getattr(error, "data", None) or {}).get("messages", []))
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return problem(status, FOR_PROGRAMS.get(status, ANY), errors=errors, headers=kept)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def answer(status: int, sentence: str) -> ResponseReturnValue:
    """One sentence in the shape the asker can read."""
    if _is_api():
        return problem(status, sentence)
    if request.headers.get("HX-Request"):
        return Response(
            render_template("errors/_message.html", sentence=sentence + _in_the_log(status)),
            status,
            {"HX-Retarget": "#status-urgent", "HX-Reswap": "innerHTML"},
        )
    heading = HEADINGS.get(status, "That did not work")
    steps = NEXT_STEPS.get(status, [])
    context = {"heading": heading, "sentence": sentence + _in_the_log(status), "next_steps": steps}
    return render_template("errors/error.html", **context), status


def _in_the_log(status: int) -> str:
    """What an administrator needs to find out more; nothing when nothing of ours broke."""
    number = request_id() if status >= 500 else ""
    return f" The log has what happened under {number}." if number else ""
