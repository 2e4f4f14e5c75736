"""The mail page for administrators: what was sent, to whom, why, and what did not go."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.errors import NotFoundError
from tracker.forms import Form
from tracker.mailing import operations, queries
from tracker.models import Message, MessageKind, MessageState, Role
from tracker.pages import moved_on, page
from tracker.queue import wake
from tracker.security import allow
from tracker.wiring import settings

blueprint = Blueprint("mailing", __name__, url_prefix="/settings/mail")

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""A mail's HTML has inline styles. Its document runs nothing, loads nothing, and is nobody: only our page frames it."""
WHY = {
    MessageKind.SIGN_IN_LINK: "They, or an administrator, asked for a sign-in link.",
    MessageKind.RECURRENCE_ALERT: "An incident that concerns them looks like an earlier one.",
    MessageKind.WEEKLY_REPORT: "They subscribed to the weekly report.",
    MessageKind.REMINDER: "Something of theirs is due.",
    MessageKind.DECISION: "A decision waits for them.",
    MessageKind.INCIDENT_UPDATE: "They subscribed to updates of incidents.",
}


LONGEST_NAME = 300


class ButtonForm(Form):
    """A button without fields: only the token is checked."""


@blueprint.get("")
@allow(Role.ADMIN)
def index() -> str:
    chosen = request.args.get("state", "")
    state = MessageState(chosen) if chosen in list(MessageState) else None
    kind_asked, to = request.args.get("kind", ""), request.args.get("to", "").strip()[:LONGEST_NAME]
    kind = MessageKind(kind_asked) if kind_asked in list(MessageKind) else None
    number = min(max(request.args.get("page", 1, type=int), 1), 100_000)
    return page(
        "mailing/index.html",
        part=queries.message_page(state, kind=kind, to=to, number=number),
        kept={name: value for name, value in (("kind", kind.value if kind else ""), ("to", to)) if value},
        kinds=list(MessageKind),
        counts=queries.counts(),
        chosen=state,
        why=WHY,
        is_outbox=_is_outbox(),
    )


@blueprint.post("/<int(max=2147483647):message_id>/again")
@allow(Role.ADMIN)
def send_again(message_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        message = queries.get_message(message_id)
        operations.send_again(message, now=clock.utcnow())
    wake("mailing.deliver")
    return moved_on(f"The mail to {message.recipient.name} is tried again.", to=url_for("mailing.index"))


@blueprint.get("/outbox/<int(max=2147483647):message_id>")
@allow(Role.ADMIN)
def outbox(message_id: int) -> str:
    """One mail to read, where mails stay on this machine."""
    return page("mailing/outbox.html", shown=_readable(message_id), why=WHY)


@blueprint.get("/outbox/<int(max=2147483647):message_id>/html")
@allow(Role.ADMIN)
def outbox_html(message_id: int) -> Response:
    """The HTML part as a document of its own, for the frame on the page above."""
    answer = Response(_readable(message_id).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    return answer


def _readable(message_id: int) -> Message:
    if not _is_outbox():
        raise NotFoundError("Mails are sent over SMTP here; only their subjects are shown.")
    return queries.get_message(message_id)


def _is_outbox() -> bool:
    return settings().mail_url.startswith("outbox:")
