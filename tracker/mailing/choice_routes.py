"""Which mails a person gets: their own page, and the address in each mail that stops its kind with one click."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from tracker.db import session, transaction
from tracker.errors import NotFoundError
from tracker.forms import Form, reshow
from tracker.models import MessageKind, Person, Role
from tracker.pages import moved_on, page, viewer
from tracker.security import allow, own_check, public
from tracker.sessions import csrf
from tracker.stopped_mails import StopLink, choose_mails, read_stop_link, stop_mails, stopped_kinds
from tracker.wiring import settings

choice_blueprint = Blueprint("mail_choices", __name__)

NAMES = {
    MessageKind.REMINDER: "reminders",
    MessageKind.RECURRENCE_ALERT: "recurrence alerts",
    MessageKind.WEEKLY_REPORT: "weekly reports",
    MessageKind.INCIDENT_UPDATE: "updates of incidents",
}


class ChoiceForm(Form):
    """One box for each kind of mail that comes by itself."""

    reminder = BooleanField("Reminders: what is due, overdue or waits for a decision of mine, once a working day")
    recurrence_alert = BooleanField("Recurrence alerts: an incident that concerns me looks like an earlier one")
    weekly_report = BooleanField("Weekly reports that I subscribed to")
    incident_update = BooleanField("Updates of incidents that I subscribed to")

    def show(self, stopped: set[MessageKind]) -> "ChoiceForm":
        for kind in NAMES:
            self[kind.name.lower()].data = kind not in stopped
        return self

    def wanted(self) -> set[MessageKind]:
        return {kind for kind in NAMES if self[kind.name.lower()].data}


@choice_blueprint.get("/profile/mail")
@allow(Role.VIEWER)
def choose(form: ChoiceForm | None = None) -> str:
    form = form or ChoiceForm(formdata=None).show(stopped_kinds(viewer()))
    return page("mailing/choices.html", form=form)


@choice_blueprint.post("/profile/mail")
@allow(Role.VIEWER)
@reshow(choose)
def save_choice() -> ResponseReturnValue:
    form = ChoiceForm()
    form.check()
    with transaction():
        choose_mails(viewer(), wanted=form.wanted())
    return moved_on("Saved.", to=url_for("mail_choices.choose"))


@choice_blueprint.get("/mail/stop/<token>")
@public
def ask_to_stop(token: str) -> ResponseReturnValue:
    """A page with a button: programs that look into mails follow links, and must stop nothing by that."""
    link = read_stop_link(token, settings=settings())
    if link is None:
        return page("mailing/stop.html", link=None, is_done=False), 410
    return page("mailing/stop.html", link=link, what=NAMES[link.kind], token=token, is_done=False)


@choice_blueprint.post("/mail/stop/<token>")
@own_check
def stop(token: str) -> ResponseReturnValue:
    """Pressed on that page, or sent by a mail program. The signed address is the credential: nobody is signed in."""
    link = _known(token)
    with transaction():
        if session.get(Person, link.person_id) is not None:
            stop_mails(link.person_id, kind=link.kind)
    return page("mailing/stop.html", link=link, what=NAMES[link.kind], token=token, is_done=True)


csrf.exempt(stop)  # mail programs have no page of ours; the page's own form has the same credential


def _known(token: str) -> StopLink:
    link = read_stop_link(token, settings=settings())
    if link is None or link.kind not in NAMES:
        raise NotFoundError("This address stops nothing: it is not complete. Copy it whole from the mail.")
    return link
