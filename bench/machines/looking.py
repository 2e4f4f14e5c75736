"""What is there afterwards, in our tables, the trackers and the mailboxes, beside what people were told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench.machines.story import Told, World

WATCH = """
CREATE TABLE bench_runs (name text, swept boolean, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.runs > OLD.runs THEN INSERT INTO bench_runs VALUES (NEW.name, false); END IF;
  IF NEW.swept_for IS DISTINCT FROM OLD.swept_for THEN INSERT INTO bench_runs VALUES (NEW.name, true); END IF;
  RETURN NEW; END $$;
CREATE TRIGGER bench_note AFTER UPDATE ON job_runs FOR EACH ROW EXECUTE FUNCTION bench_note();
"""
"""Notes each end of a job and each period taken, beside what the program notes of itself."""

LEASES = "SELECT table_name FROM information_schema.columns WHERE column_name = 'lease_until'"


def watch(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(WATCH)


def end_leases(engine: Engine) -> int:
    """As if the minutes of the dead were over; how many had one."""
    with engine.begin() as connection:
        tables = connection.scalars(text(LEASES)).all()
        change = "UPDATE {} SET lease_until = now() - interval '1 second' WHERE lease_until > now()"
        return sum(connection.exec_driver_sql(change.format(table)).rowcount for table in tables)


def still_open(engine: Engine) -> dict[str, int]:
    """Work that a job has yet to do or a person to look at."""
    counted = {
        "pushes": "SELECT count(*) FROM pushes WHERE state <> 'linked'",
        "mails": "SELECT count(*) FROM messages WHERE state IN ('pending', 'sending') AND run_after <= now()",
    }
    with engine.connect() as connection:
        return {name: connection.scalar(text(statement)) or 0 for name, statement in counted.items()}


def pushes_asking(engine: Engine) -> list[tuple[str, str]]:
    """Items whose ticket was never found, so that a person is asked; with the tracker."""
    statement = (
        "SELECT 'AI-' || action_items.number, trackers.slug FROM pushes JOIN trackers ON trackers.id = tracker_id "
        "JOIN action_items ON action_items.id = action_id WHERE pushes.state IN ('unknown', 'failed')"
    )
    with engine.connect() as connection:
        return [(ref, slug) for ref, slug in connection.execute(text(statement))]


@dataclass(frozen=True)
class Counts:
    """The figures of the report."""

    acknowledged: int
    items: int
    tickets: int
    closed: int
    decided: int
    mails: int
    mail_states: dict[str, int]
    wrong: tuple[str, ...]


def look(engine: Engine, told: Sequence[Told], *, world: World, mails: Sequence[Message]) -> Counts:
    with engine.connect() as connection:
        wrong = [*_lost(connection, told), *_tickets(told, world=world), *_mails_twice(mails)]
        states: dict[str, int] = dict(
            connection.execute(text("SELECT state, count(*) FROM messages GROUP BY state")).tuples().all()
        )
    deeds = sum(len(one.incidents) + len(one.published) + len(one.items) + len(one.decided) + one.hooks for one in told)
    return Counts(
        acknowledged=deeds,
        items=sum(len(one.items) for one in told),
        tickets=len(world.github.issues()) + len(world.jira.issues()),
        closed=sum(len(one.closed) for one in told),
        decided=sum(len(one.decided) for one in told),
        mails=len(mails),
        mail_states=states,
        wrong=tuple(wrong),
    )


ITEMS = "SELECT 'AI-' || number, title, state FROM action_items"
INCIDENTS = "SELECT 'INC-' || number FROM incidents"
PUBLISHED = f"{INCIDENTS} JOIN postmortems ON incident_id = incidents.id WHERE postmortems.state = 'published'"
SAME = "SELECT id FROM recurrences WHERE state = 'same'"


def _lost(connection: Connection, told: Sequence[Told]) -> Iterator[str]:
    """What people were told and is not so, or is so twice, or nobody was told of."""
    said, there = Counter(ref for one in told for ref in one.incidents), Counter(connection.scalars(text(INCIDENTS)))
    for ref in said | there:
        if said[ref] != there[ref]:
            yield f"{ref} was acknowledged {said[ref]} times and is there {there[ref]} times."
    published, same = set(connection.scalars(text(PUBLISHED))), set(connection.scalars(text(SAME)))
    for one in told:
        yield from (f"{ref} was published and is not." for ref in one.published if ref not in published)
        yield from (f"Recurrence {number} was decided and is not." for number in one.decided if number not in same)
    yield from _lost_items(connection, told)


def _lost_items(connection: Connection, told: Sequence[Told]) -> Iterator[str]:
    there = {ref: (title, state) for ref, title, state in connection.execute(text(ITEMS))}
    promised = {ref: title for one in told for ref, title in one.items.items()}
    for ref in promised.keys() | there.keys():
        if ref not in promised or ref not in there or there[ref][0] != promised[ref]:
            yield f"{ref} was acknowledged as {promised.get(ref)!r} and is {there.get(ref)!r}."
    for ref in (ref for one in told for ref in one.closed):
        if there[ref][1] != "done":
            yield f"{ref} is {there[ref][1]}, though its ticket is closed."


def _tickets(told: Sequence[Told], *, world: World) -> Iterator[str]:
    """Each item has one ticket, in the tracker that was asked for."""
    found = Counter([one["title"] for one in world.github.issues()])
    found += Counter([one["fields"]["summary"] for one in world.jira.issues()])
    wanted = [title for one in told for title in one.items.values()]
    yield from (f"{found[title]} tickets: {title}" for title in wanted if found[title] != 1)
    yield from (f"A ticket of no item: {title}" for title in found.keys() - set(wanted))


def _mails_twice(mails: Sequence[Message]) -> Iterator[str]:
    ids = Counter(str(mail["Message-ID"]) for mail in mails)
    yield from (f"{count} times the same mail: {one}" for one, count in ids.items() if count > 1)
    about = Counter((str(mail["To"]), str(mail["Subject"]), _words(mail)) for mail in mails)
    yield from (f"{count} mails that say the same: {one[:2]}" for one, count in about.items() if count > 1)


def _words(mail: Message) -> str:
    part: Any = next((one for one in mail.walk() if one.get_content_type() == "text/plain"), mail)
    return str(part.get_payload(decode=True))


@dataclass(frozen=True)
class Periods:
    """What ran in whole minutes in which nobody did anything."""

    minutes: int
    jobs: int
    runs: int
    wrong: tuple[str, ...]


def periods_between(engine: Engine, *, first: float, last: float, every: dict[str, int]) -> Periods:
    """Each job that is due every minute ran once in each minute between two moments (seconds since 1970)."""
    statement = text(
        "SELECT name, to_char(at, 'HH24:MI'), count(*) FILTER (WHERE NOT swept), count(*) FILTER (WHERE swept) "
        "FROM bench_runs WHERE at >= to_timestamp(:first) AND at < to_timestamp(:last) GROUP BY 1, 2"
    )
    with engine.connect() as connection:
        rows = connection.execute(statement, {"first": first, "last": last}).all()
    minutes = round((last - first) / 60)
    ran = Counter({(name, minute): runs for name, minute, runs, _ in rows})
    wrong = [f"{name} ran {runs} times at {minute}, {taken} taken." for name, minute, runs, taken in rows if runs != 1]
    each_minute = [name for name, apart in every.items() if apart == 1]
    in_minutes = Counter(name for name, _ in ran)
    wrong += [
        f"{one} ran in {in_minutes[one]} of {minutes} minutes." for one in each_minute if in_minutes[one] != minutes
    ]
    return Periods(minutes, len(each_minute), sum(ran.values()), tuple(wrong))
