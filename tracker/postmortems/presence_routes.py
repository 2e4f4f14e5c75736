"""Who else is writing this postmortem, and at which step: told every few seconds, forgotten after a minute."""

from datetime import timedelta

from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import Form
from tracker.lookup import get_incident
from tracker.models import Role
from tracker.pages import page, viewer
from tracker.postmortems import presence, queries
from tracker.postmortems.blueprint import blueprint
from tracker.postmortems.step_routes import get_step
from tracker.security import allow

AWAY = timedelta(seconds=60)


@blueprint.post("/<ref:ref>/postmortem/presence/<step>")
@allow(Role.RESPONDER)
def be_here(ref: str, step: str) -> ResponseReturnValue:
    """Note that this person is here, and tell who else is."""
    Form().check()
    now = clock.utcnow()
    postmortem = queries.get_postmortem(get_incident(ref, viewer=viewer()))
    outline = queries.outline_of(postmortem)
    here = get_step(outline, step)
    if presence.is_to_be_noted(postmortem, step=step, by=viewer(), now=now):
        with transaction():
            postmortem = queries.get_postmortem(get_incident(ref, viewer=viewer()))
            presence.note(postmortem, step=step, by=viewer(), now=now)
    others = presence.others(postmortem, than=viewer(), since=now - AWAY)
    labels = {one.key: one.label for one in outline.steps}
    return page("postmortems/_presence.html", others=others, here=here, labels=labels)
