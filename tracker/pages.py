"""How pages are answered, and what every page shows: navigation, live incidents, times in words."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Flask, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

from tracker import badges, clock, markdown, words
from tracker.db import session
from tracker.models import Incident, Person, Phase, may_see
from tracker.security import is_local_path
from tracker.wiring import settings

NAVIGATION = (
    ("My work", "my_work.index"),
    ("Incidents", "incidents.index"),
    ("Actions", "actions.index"),
    ("Recurrences", "recurrence.index"),
    ("Reports", "reports.index"),
    ("Readiness", "catalog.index"),
)
PART_OF = {"readiness": "catalog", "drills": "catalog", "postmortems": "incidents", "library": "incidents"}
"""Features that stand under the heading of another one."""
LIVE = (
    select(Incident.number, Incident.title, Incident.severity, Incident.declared_at, Incident.is_drill)
    .where(Incident.phase.in_([phase for phase in Phase if phase.is_live]))
    .order_by(Incident.is_drill, Incident.declared_at.desc(), Incident.id.desc())
)
LIVE_SHOWN = 3
ICONS = "img/icons.svg"
NOT_KNOWN = Markup('<span class="muted">not known</span>')
DAY_NOT_KNOWN = Markup('<span class="muted">day not known</span>')


def page(template: str, **context: Any) -> str:
    """A whole page."""
    return render_template(template, **context)


def page_number() -> int:
    """Which part of a long list the address asks for; what makes no sense is the first."""
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def chosen_refs() -> list[str]:
    """The items chosen in a list: as its boxes, or together in one field of the next page's own forms."""
    return [*request.values.getlist("item"), *request.values.get("items", "").split()]


def changed(fragment: str, message: str, *, back: str, **context: Any) -> ResponseReturnValue:
    """The answer to a change: the changed part for htmx, or a redirect with the message for everybody else."""
    if request.headers.get("HX-Request"):
        return render_template(fragment, message=message, **context)
    flash(message, "success")
    return redirect(back, 303)


def moved_on(message: str, *, to: str) -> ResponseReturnValue:
    """The answer to a change after which another page is next."""
    if message:
        flash(message, "success")
    if request.headers.get("HX-Request"):
        return "", 204, {"HX-Redirect": to}
    return redirect(to, 303)


def came_from(*, otherwise: str) -> str:
    """The page of ours that the form or the link names as the one to go back to."""
    wanted = request.values.get("back", "")
    return wanted if is_local_path(wanted) else otherwise


def viewer() -> Person:
    """The person who is signed in, as a row of the present session."""
    person = current_user._get_current_object()
    if not isinstance(person, Person):
        abort(401)
    return person


def zone() -> ZoneInfo:
    """The reader's time zone: their own if set, else the installation's. A page asks for it with every moment."""
    if "zone" not in g:
        own = getattr(current_user, "timezone", None) if current_user else None
        g.zone = ZoneInfo(own) if own else settings().timezone
    return g.zone  # type: ignore[no-any-return]


def today() -> date:
    """The installation's day, in which due dates are counted."""
    return clock.today(settings().timezone)


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class LiveIncident:
    ref: str
    title: str
    severity: str
    url: str
    declared_at: datetime


def nav_items() -> list[NavItem]:
    feature = (request.endpoint or "").split(".")[0]
    here = PART_OF.get(feature, feature)
    return [NavItem(label, _address(endpoint), endpoint.split(".")[0] == here) for label, endpoint in NAVIGATION]


def _address(endpoint: str) -> str:
    """The address of a page that takes nothing, of which every page shows a dozen."""
    return _address_below(request.script_root, endpoint)


@lru_cache(maxsize=64)
def _address_below(_script_root: str, endpoint: str) -> str:
    return url_for(endpoint)


def live_incidents() -> list[LiveIncident]:
    return [
        LiveIncident(f"INC-{row.number}", _named(row), row.severity, f"/incidents/INC-{row.number}", row.declared_at)
        for row in session.execute(live_incidents_of(viewer()).limit(LIVE_SHOWN))
    ]


def _named(row: Any) -> str:
    return f"Drill: {row.title}" if row.is_drill else str(row.title)


def live_incidents_of(person: Person) -> Any:
    """The incidents that are going on, newest first, drills after real ones."""
    return LIVE.where(may_see(person))


def init_pages(app: Flask) -> None:
    app.jinja_env.filters.update(when=when, day=words.day_text, duration=words.duration, state_key=words.state_key)
    app.jinja_env.filters.update(clock_time=clock_time, declared=declared)
    app.jinja_env.filters.update(markdown=markdown.to_html, excerpt=markdown.excerpt)
    app.jinja_env.globals.update(count=words.count, share=words.share, asset=asset)
    app.jinja_env.globals.update(draw_icon=draw_icon, draw_badge=draw_badge)
    app.jinja_env.globals.update(draw_avatar=badges.avatar, draw_person=badges.person)
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated:
        return {"today": today()}
    is_fragment = bool(request.headers.get("HX-Request"))
    return {
        "nav_items": [] if is_fragment else nav_items(),
        "live_incidents": [] if is_fragment else live_incidents(),
        "declare_url": _address("incidents.new"),
        "search_url": _address("incidents.index"),
        "settings_url": _address("accounts.settings") if current_user.is_admin else None,
        "sign_out_url": _address("accounts.sign_out"),
        "profile_url": _address("accounts.profile"),
        "today": today(),
        "now": clock.utcnow(),
        "zone": zone(),
    }


def asset(name: str) -> str:
    """The address of a file in ``static/``, as ``url_for`` gives it; a list has hundreds of icons."""
    return f"{_static_below(request.script_root)}/{name}"


@lru_cache(maxsize=64)
def _static_below(script_root: str) -> str:
    return f"{script_root}{current_app.static_url_path}"


def draw_icon(name: str) -> Markup:
    return badges.icon(name, sprite=asset(ICONS))


def draw_badge(state: str, label: str | None = None, *, tone: str | None = None, symbol: str | None = None) -> Markup:
    return badges.badge(state, label, tone, symbol, sprite=asset(ICONS))


class Declared(Protocol):
    """An incident, or a row of a list about one."""

    @property
    def declared_at(self) -> datetime | None: ...

    @property
    def is_undated(self) -> bool | None: ...


def declared(incident: Declared) -> Markup:
    """When an incident was declared, as ``when`` says it; an import whose day nobody knows says that."""
    return DAY_NOT_KNOWN if incident.is_undated else when(incident.declared_at)


def when(moment: datetime | None) -> Markup:
    """A moment as ``<time>``: relative in words, exact UTC and local time on hover."""
    if moment is None:
        return NOT_KNOWN
    return _time(moment, words.relative(moment, clock.utcnow()), hover=_exact(moment))


def clock_time(moment: datetime | None, *, is_over: bool) -> Markup:
    """A moment by the clock: date and time of what is long over; the hour and how long ago of what goes on."""
    if moment is None:
        return NOT_KNOWN
    now = clock.utcnow()
    if is_over:
        hover = f"{words.relative(moment, now)}, {_exact(moment)}"
        return _time(moment, words.clock_text(moment, zone()), hover=hover)
    hour = words.hour_text(moment, zone(), now=now)
    return Markup('<span class="clock-time">{}, {}</span>').format(hour, when(moment))


def _exact(moment: datetime) -> str:
    """UTC, and the reader's time where that is another."""
    utc, here = words.moment_text(moment, UTC), zone()
    return utc if here.key == "UTC" else f"{utc}, here {words.moment_text(moment, here)}"


def _time(moment: datetime, text: str, *, hover: str) -> Markup:
    stamp = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    # None of the parts holds anything that HTML would take for its own.
    return Markup(f'<time datetime="{stamp}Z" title="{hover}">{text}</time>')  # noqa: S704
