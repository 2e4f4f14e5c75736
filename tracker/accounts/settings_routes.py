"""What administrators set about people; and everybody's own API tokens."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import audit as audit_log
from tracker import clock
from tracker.accounts import operations, queries
from tracker.accounts.blueprint import blueprint
from tracker.accounts.forms import ButtonForm, PersonForm, RightsForm, TokenForm
from tracker.db import transaction
from tracker.forms import LINE, Form, reshow
from tracker.messages import Writer
from tracker.models import Role
from tracker.pages import moved_on, page, page_number, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.wiring import settings as the_settings

MADE_BEFORE = "“{}” is made already, and was shown. If you did not see it, revoke it and make another."


@blueprint.get("/settings")
@allow(Role.ADMIN)
def settings() -> str:
    return page("accounts/settings.html", installation=the_settings())


@blueprint.get("/settings/people")
@allow(Role.ADMIN)
def people() -> str:
    text = request.args.get("q", "").strip()[:LINE]
    return page("accounts/people.html", part=queries.people(text=text, number=page_number()), q=text)


@blueprint.get("/settings/people/new")
@allow(Role.ADMIN)
def new_person(form: Form | None = None) -> str:
    return page("accounts/new_person.html", form=form or PersonForm(formdata=None))


@blueprint.post("/settings/people/new")
@allow(Role.ADMIN)
@reshow(new_person)
def add_person() -> ResponseReturnValue:
    form = PersonForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        added = operations.add_person(form.draft(), by=viewer(), now=now)
        sent.message = f"{added.name} has an account. Send them a sign-in link, so that they can come in."
        sent.to = url_for("accounts.person", person_id=added.id)
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/settings/people/<int(max=2147483647):person_id>")
@allow(Role.ADMIN)
def person(person_id: int, form: Form | None = None) -> str:
    shown = queries.get_person(person_id)
    rights = form if isinstance(form, RightsForm) else None
    rights = rights or RightsForm(formdata=None, name=shown.name, role=shown.role.value)
    return page("accounts/person.html", shown=shown, form=rights, failed=form)


@blueprint.post("/settings/people/<int(max=2147483647):person_id>")
@allow(Role.ADMIN)
@reshow(person)
def change_rights(person_id: int) -> ResponseReturnValue:
    form = RightsForm()
    form.check()
    with transaction():
        changed = queries.get_person(person_id)
        operations.change_rights(changed, form.draft(), by=viewer(), now=clock.utcnow())
    return moved_on(f"{changed.name} is saved as {changed.role.value}.", to=url_for("accounts.people"))


@blueprint.post("/settings/people/<int(max=2147483647):person_id>/deactivate")
@allow(Role.ADMIN)
@reshow(person)
def deactivate(person_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        leaving = queries.get_person(person_id)
        operations.deactivate(leaving, by=viewer(), now=clock.utcnow())
    wake("reminders.write")
    return moved_on(
        f"{leaving.name} cannot sign in any more, and all their sessions are ended. What they wrote stays.",
        to=url_for("accounts.people"),
    )


@blueprint.post("/settings/people/<int(max=2147483647):person_id>/reactivate")
@allow(Role.ADMIN)
@reshow(person)
def reactivate(person_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        back = queries.get_person(person_id)
        operations.reactivate(back, by=viewer(), now=clock.utcnow())
    return moved_on(f"{back.name} can sign in again.", to=url_for("accounts.person", person_id=person_id))


@blueprint.post("/settings/people/<int(max=2147483647):person_id>/mail-link")
@allow(Role.ADMIN)
@reshow(person)
def mail_link(person_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        to, now = queries.get_person(person_id), clock.utcnow()
        operations.mail_link(to, writer=Writer(the_settings()), address=link_address, now=now)
        audit_log.note("mail_sign_in_link", to.email, by=viewer(), now=now)
    wake("mailing.deliver")
    return moved_on(
        f"A mail with a sign-in link is on its way to {to.email}.", to=url_for("accounts.person", person_id=person_id)
    )


@blueprint.post("/settings/people/<int(max=2147483647):person_id>/link")
@allow(Role.ADMIN)
@reshow(person)
def show_link(person_id: int) -> ResponseReturnValue:
    """Answers the page itself: the link is shown once and stands in no address."""
    ButtonForm().check()
    with transaction():
        shown, now = queries.get_person(person_id), clock.utcnow()
        _row, token = operations.hand_out_link(shown, by=viewer(), now=now)
    return page("accounts/made_link.html", shown=shown, address=link_address(token))


def link_address(token: str) -> str:
    """The whole web address of a one-time link."""
    return the_settings().base_url + url_for("accounts.link", token=token)


@blueprint.get("/settings/tokens")
@allow(Role.VIEWER)
def tokens(form: Form | None = None, made: str | None = None) -> str:
    return page(
        "accounts/tokens.html",
        tokens=queries.tokens_of(viewer()),
        form=form or TokenForm(formdata=None).offer(operations.largest_scope(viewer())),
        made=made,
        base_url=the_settings().base_url,
    )


@blueprint.post("/settings/tokens")
@allow(Role.VIEWER)
@reshow(tokens)
def create_token() -> ResponseReturnValue:
    form = TokenForm().offer(operations.largest_scope(viewer()))
    form.check()
    with transaction():
        owner = viewer()
        sent = sent_once(by=owner, now=clock.utcnow())
        row, secret = operations.create_token(owner, form.draft(), by=owner, now=clock.utcnow())
        sent.message, sent.to = MADE_BEFORE.format(row.name), url_for("accounts.tokens")
    return tokens(made=secret)


@blueprint.post("/settings/tokens/<int(max=2147483647):token_id>/revoke")
@allow(Role.VIEWER)
def revoke_token(token_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        owner = viewer()
        token = queries.get_token(token_id, owner=owner)
        operations.revoke_token(token, by=owner, now=clock.utcnow())
    return moved_on(f"“{token.name}” works no more.", to=url_for("accounts.tokens"))
