"""Where people are signed in: their own list, and the one that administrators see of a person."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import audit as audit_log
from tracker import clock
from tracker.accounts import coming_in, operations, queries, session_queries
from tracker.accounts.blueprint import blueprint
from tracker.accounts.forms import ButtonForm
from tracker.db import transaction
from tracker.models import Role
from tracker.pages import moved_on, page, page_number, viewer
from tracker.security import allow
from tracker.sessions import is_this_session, start_session


@blueprint.get("/profile/sessions")
@allow(Role.VIEWER)
def sessions() -> str:
    part = session_queries.live_sessions(viewer(), number=page_number(), now=clock.utcnow())
    return page("accounts/sessions.html", part=part, is_this_session=is_this_session)


@blueprint.post("/profile/sessions/<int(max=2147483647):session_id>/end")
@allow(Role.VIEWER)
def end_one_session(session_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        owner, now = viewer(), clock.utcnow()
        ended = session_queries.get_session(session_id, owner=owner)
        if ended.ended_at is None:
            ended.ended_at = now
            told = {"program": ended.program} if ended.program else {}
            audit_log.note("end_session", owner.email, by=owner, now=now, **told)
    return moved_on("That session is ended.", to=url_for("accounts.sessions"))


@blueprint.post("/profile/sessions")
@allow(Role.VIEWER)
def end_sessions() -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        person = viewer()
        operations.sign_out_everywhere(person, now=clock.utcnow())
    start_session(person, came_by="another session", now=clock.utcnow())
    return moved_on("All your other sessions are ended.", to=url_for("accounts.profile"))


@blueprint.get("/settings/people/<int(max=2147483647):person_id>/sessions")
@allow(Role.ADMIN)
def sessions_of(person_id: int) -> str:
    shown = queries.get_person(person_id)
    part = session_queries.live_sessions(shown, number=page_number(), now=clock.utcnow())
    is_linked = session_queries.has_identity(shown)
    return page("accounts/sessions_of.html", shown=shown, part=part, is_linked=is_linked)


@blueprint.post("/settings/people/<int(max=2147483647):person_id>/sessions")
@allow(Role.ADMIN)
def end_sessions_of(person_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        person = queries.get_person(person_id)
        operations.end_sessions(person, now=clock.utcnow())
        audit_log.note("end_sessions", person.email, by=viewer(), now=clock.utcnow())
    return moved_on(f"{person.name} is signed out everywhere.", to=url_for("accounts.sessions_of", person_id=person_id))


@blueprint.post("/settings/people/<int(max=2147483647):person_id>/forget-single-sign-on")
@allow(Role.ADMIN)
def forget_identity(person_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        person = queries.get_person(person_id)
        coming_in.forget_identity(person, by=viewer(), now=clock.utcnow())
    return moved_on(
        f"Whoever comes next as {person.email} through single sign-on is {person.name}.",
        to=url_for("accounts.sessions_of", person_id=person_id),
    )
