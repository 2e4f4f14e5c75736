"""Every mail as mail programs show it: narrow and wide, light and dark, with nothing loaded from anywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser as Chromium
from sqlalchemy import select

from tests import make
from tests.pictures.axe import axe_lines
from tracker import clock
from tracker.accounts.operations import mail_link_if_known
from tracker.db import session, transaction
from tracker.incidents.update_mails import tell_subscribers
from tracker.messages import Writer
from tracker.models import (
    ActionItem,
    Audience,
    Incident,
    Message,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Update,
    UpdateSubscription,
)
from tracker.paths import TEMPLATES
from tracker.postmortems.review_operations import ask_reviewer
from tracker.reminders import jobs
from tracker.wiring import settings

WIDTHS = {320: 5, 640: 3}
"""How wide, and how many stand side by side on a sheet."""
SHEET_HEIGHT, GAP = 1500, 16
"""A mail goes on below; what it does there is more of the same."""
LANDMARKS = ("landmark-one-main", "region")
"""A mail is shown inside the page of a mail program, which has these."""
LIVE = [phase for phase in Phase if phase.is_live]
TEMPLATE_OF = {
    "day": "reminders",
    "incident": "incident_update",
    "item": "handed_over",
    "person": "sign_in_link",
    "recurrence": "recurrence_alert",
    "report": "weekly_report",
    "review": "review_asked",
    "update": "update_lapsed",
    "verify": "verify_incident",
}
"""Which template a message was made from, by the first word of what it is about."""


def mails() -> dict[str, str]:
    """The HTML of one mail of each template, out of the sample data, by the name of the template."""
    write_the_rest(now=clock.utcnow())
    found: dict[str, Message] = {}
    for message in session.scalars(select(Message).where(Message.person_id.is_not(None)).order_by(Message.id)):
        name = TEMPLATE_OF[message.about.partition(":")[0]]
        # The longest shows most.
        if name not in found or len(message.html) > len(found[name].html):
            found[name] = message
    return {name: found[name].html for name in sorted(found)}


def missing(found: dict[str, str]) -> list[str]:
    """The templates of mails that no picture shows."""
    written = {path.parent.name for path in (TEMPLATES / "mail").glob("*/body.mjml")}
    return [f"mail/{name}: teach tests/pictures/mails.py to write one." for name in sorted(written - set(found))]


def write_the_rest(*, now: datetime) -> None:
    """What the sample data has no reason to write: the clock goes on, somebody leaves, somebody asks."""
    writer, people = Writer(settings()), list(session.scalars(select(Person).where(Person.is_active).limit(3)))
    asking, asked = people[0], people[1]
    live = session.scalars(select(Incident).where(Incident.phase.in_(LIVE), ~Incident.is_drill)).first()
    live = live or make.incident(declared_by_id=asking.id, declared_at=now - timedelta(hours=1))
    quiet = make.incident(
        "Search shows old prices",
        phase=Phase.RESOLVED,
        resolved_at=now - timedelta(hours=4),
        quiet_until=now,
        declared_by_id=asking.id,
    )
    drafts = select(Postmortem).where(Postmortem.state == PostmortemState.DRAFT)
    postmortem = session.scalars(drafts).first() or make.postmortem(quiet)
    with transaction():
        mail_link_if_known(asked.email, writer=writer, address=lambda key: writer.url(f"/sign-in/link/{key}"), now=now)
        session.add(UpdateSubscription(person_id=asked.id, audience=Audience.TEAM))
        update = an_update(live.id, by=asking, now=now)
        tell_subscribers(session.get_one(Incident, live.id), update, by=asking, writer=writer, now=now)
        ask_reviewer(session.get_one(Postmortem, postmortem.id), asked, by=asking, writer=writer, now=now)
    jobs.write_reminders(at_work(now))
    jobs.tell_of_late_updates(now + timedelta(days=1))
    jobs.ask_to_verify(now)
    leave_somebody(now=now)


def an_update(incident_id: int, *, by: Person, now: datetime) -> Update:
    update = Update(
        incident_id=incident_id,
        audience=Audience.TEAM,
        text="**Know:** connections run out since 09:02.\n\n**Do:** we roll back.\n\n**Need:** nothing.",
        sent_at=now,
        author_id=by.id,
        next_due_at=now + timedelta(minutes=30),
    )
    session.add(update)
    session.flush()
    return update


def at_work(now: datetime) -> datetime:
    """An hour of the next working day in which most people are at work."""
    day = now.date() + timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return datetime.combine(day, time(10), UTC)


def leave_somebody(*, now: datetime) -> None:
    """The owner of an open item goes: who leads the team is told."""
    owned = select(ActionItem).where(ActionItem.owner_id.is_not(None), ActionItem.team_id.is_not(None))
    item = next(item for item in session.scalars(owned.order_by(ActionItem.id)) if item.state.is_open)
    with transaction():
        session.get_one(Person, item.owner_id).is_active = False
    jobs.hand_over_left_behind(now)


def take_mails(chromium: Chromium, found: dict[str, str], *, folder: Path) -> list[str]:
    """A picture of each mail, and a sheet with all of them for each width and theme; what is wrong with them."""
    faults = missing(found)
    for theme in ("light", "dark"):
        for width, columns in WIDTHS.items():
            taken = {name: folder / f"mail-{name}-{theme}-{width}.png" for name in found}
            for name, html in found.items():
                faults += [
                    f"mail {name} ({theme}, {width}): {fault}"
                    for fault in take_mail(chromium, html, picture=taken[name], theme=theme, width=width)
                ]
            whole = sheet(list(taken.values()), columns=columns)
            whole.save(folder / f"mails-{theme}-{width}.png", optimize=True)
    return faults


def take_mail(chromium: Chromium, html: str, *, picture: Path, theme: str, width: int) -> Iterator[str]:
    """One mail with everything blocked that it might load."""
    page = chromium.new_page(
        viewport={"width": width, "height": 600}, color_scheme="dark" if theme == "dark" else "light"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    page.screenshot(path=picture, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"it is {wide} px wider than the screen"
    yield from (f"it asks for {url}" for url in asked)
    yield from (f"axe: {line}" for line in axe_lines(page, without=LANDMARKS))
    page.close()


def sheet(pictures: list[Path], *, columns: int) -> Image.Image:
    """The mails at half their size, each where there is room first, in few colours, so that git holds it well."""
    opened = [Image.open(path).convert("RGB") for path in pictures]
    heights = [GAP] * columns
    places = []
    for one in opened:
        column = heights.index(min(heights))
        places.append((GAP + column * (one.width + GAP), heights[column]))
        heights[column] += min(one.height, SHEET_HEIGHT) + GAP
    whole = Image.new("RGB", (GAP + columns * (opened[0].width + GAP), max(heights)), "#8a94a6")
    for one, place in zip(opened, places, strict=True):
        whole.paste(one.crop((0, 0, one.width, min(one.height, SHEET_HEIGHT))), place)
    return whole.resize((whole.width // 2, whole.height // 2)).quantize(64)
