"""The room of an incident: what is known, who does what, what others were told."""

from typing import Any

from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.forms import Form
from tracker.incidents import room_queries
from tracker.incidents.blueprint import blueprint
from tracker.incidents.first_minutes import rows_of
from tracker.incidents.moment_order import HAPPENED, odd_orders
from tracker.incidents.next_steps import ORDER, announcement, following, has_passed, is_over, steps, update_due_at
from tracker.incidents.phase_operations import TICK
from tracker.incidents.room_forms import EntryForm, PhaseForm, ReopenForm, ResolveForm, TickForm, UpdateForm
from tracker.incidents.typed_times import EXAMPLES
from tracker.lookup import get_incident
from tracker.models import Incident, IncidentRole, Phase, Role, Update
from tracker.pages import clock_time, page, viewer, zone
from tracker.security import allow

RESPONSIBILITIES = {
    IncidentRole.COMMANDER: "Leads: decides what is done next, and by whom.",
    IncidentRole.TECHNICAL_LEAD: "Finds what helps users fastest, then the cause.",
    IncidentRole.COMMUNICATIONS_LEAD: "Tells the team, stakeholders and users, on time.",
    IncidentRole.SCRIBE: "Keeps the timeline while the others work.",
}
FORM_NAMES = {
    EntryForm: "entry_form",
    PhaseForm: "phase_form",
    ResolveForm: "resolve_form",
    ReopenForm: "reopen_form",
    UpdateForm: "update_form",
    TickForm: "tick_form",
}


@blueprint.get("/<ref:ref>")
@allow(Role.VIEWER)
def show(ref: str, form: Form | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    refused = {FORM_NAMES[type(form)]: form} if form is not None else {}
    return page("incidents/show.html", **room(incident) | refused, refused=form)


def room(incident: Incident) -> dict[str, Any]:
    """Everything the room shows."""
    updates = room_queries.updates_of(incident)
    rows = room_queries.timeline(incident)
    return {
        "incident": incident,
        "rows": rows,
        "state": room_queries.state_of(incident, rows),
        "opened_version": incident.version,
        "updates": updates,
        "odd_orders": odd_orders_of(incident),
        # Of one that is over it stands where it always does.
        "postmortem": room_queries.find_postmortem(incident),
        "announcement": ("This is a drill. " if incident.is_drill else "") + announcement(incident.title),
        "next_phase": following(incident.phase),
        **roles_of(incident),
        **_ticked(incident),
        **(_forms(incident) if viewer().can_respond else {}),
        **head(incident, updates),
    }


def odd_orders_of(incident: Incident) -> list[str]:
    return odd_orders({name: getattr(incident, name) for name in HAPPENED}, zone=zone(), now=clock.utcnow())


def odd_orders_words(odd: list[str]) -> str:
    """What to add to "Saved." when the times stand in an odd order."""
    return f" The times stand in an odd order: {' '.join(odd)}" if odd else ""


def roles_of(incident: Incident) -> dict[str, Any]:
    """Who holds what, and what that means."""
    return {"holders": room_queries.role_holders(incident), "responsibilities": RESPONSIBILITIES}


def _ticked(incident: Incident) -> dict[str, Any]:
    ticks = room_queries.ticks_of(incident)
    return {
        "checks": rows_of(ticks),
        "resolved_as": [item.removeprefix(TICK) for item in ticks if item.startswith(TICK)],
    }


def _forms(incident: Incident) -> dict[str, Any]:
    """The empty forms that the room shows in this phase, and what helps to fill them in."""
    found: dict[str, Any] = {"entry_form": EntryForm(zone=zone(), formdata=None), "time_examples": EXAMPLES}
    if incident.phase is not Phase.CLOSED:  # of a closed one nobody is told
        found["update_form"] = UpdateForm(formdata=None)
    if incident.phase.is_live:
        found["tick_form"] = TickForm(formdata=None)
        return found | {"phase_form": PhaseForm(formdata=None), "resolve_form": ResolveForm(formdata=None)}
    return found | {"reopen_form": ReopenForm(formdata=None)}


def head(incident: Incident, updates: list[Update]) -> dict[str, Any]:
    """The phase line, the clocks and what to do now."""
    due_at = update_due_at(
        incident.severity,
        phase=incident.phase,
        declared_at=incident.declared_at,
        last_sent_at=updates[0].sent_at if updates else None,
    )
    is_told = bool(updates) and (due_at is None or due_at > clock.utcnow())
    over = is_over(incident.phase, resolved_at=incident.resolved_at, now=clock.utcnow())
    return {
        "is_over": over,
        "phases": [_phase(incident, phase, is_over=over) for phase in ORDER],
        "update_due_at": due_at,
        "steps": steps(incident.phase, is_told=is_told),
    }


def _phase(incident: Incident, phase: Phase, *, is_over: bool) -> dict[str, Any]:
    state = "current" if phase is incident.phase else "past" if has_passed(incident.phase, phase) else "future"
    at = getattr(incident, f"{phase.value}_at")
    return {"label": phase.value.capitalize(), "at": at, "time": at and clock_time(at, is_over=is_over), "state": state}
