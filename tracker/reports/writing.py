"""The weekly report as plain text, as Markdown and as CSV: the same content, line by line."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tracker import words
from tracker.models import ActionState
from tracker.reports.figures import Compared
from tracker.reports.incident_queries import PostmortemLine, RecurrenceLine
from tracker.reports.queries import ActionLine, TrackerLine
from tracker.reports.told import Correction
from tracker.reports.weekly import Listing, OwnerLine, WeeklyReport
from tracker.spreadsheets import csv_line


def json_value(value: object) -> str:
    """Dates and moments as RFC 3339, anything else as its words."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else str(value)


def as_text(report: WeeklyReport, *, base_url: str) -> str:
    """The report for a terminal or a plain mail."""
    return "\n".join(line.replace("**", "").replace("## ", "") for line in _lines(report, base_url=base_url)) + "\n"


def as_markdown(report: WeeklyReport, *, base_url: str) -> str:
    """The report for a wiki or a chat."""
    title = f"# Follow-through report {report.week.name}, {report.scope_name}\n\n"
    return title + "\n".join(_lines(report, base_url=base_url)) + "\n"


def _lines(report: WeeklyReport, *, base_url: str) -> Iterator[str]:
    yield f"**{report.headline}**"
    days = f"{words.day_text(report.week.first_day)} to {words.day_text(report.week.last_day)}"
    yield f"{days}, {report.scope_name}. {when_told(report)}"
    if report.job_stopped_at:
        yield f"Note: {job_words(report)}"
    for tracker in report.stale_trackers:
        yield f"Note: {tracker.name} was {last_read(tracker, report)}; items closed there since are not counted."
    for one in report.ticket_troubles:
        yield f"Note: {one.words}. It does not count as done."
    if report.tickets_moved:
        yield f"Note: {report.tickets_moved.words}"
    counts = [f"{one.name}: {one.words}" for one in report.counts]
    yield from _section("Figures", [*(_figure_line(one) for one in report.figures), *counts])
    yield from _section("Corrected since the week ended", [_correction_line(one) for one in report.corrections])
    yield from _section(
        "Came back", [_recurrence_line(line) for line in report.recurrences], listing=report.recurrences
    )
    yield from _section(
        "Overdue by owner",
        [f"{line.owner}: {words.count(line.items, 'item')}, {_owner_words(line)}" for line in report.overdue_owners],
    )
    for title, items in (
        ("Longest overdue", report.overdue),
        ("Due next", report.due_next),
        ("Decisions that lapse", report.lapsing),
        ("Shown to work this week", report.verified),
        ("Did not hold", report.did_not_hold),
    ):
        yield from _section(title, [_action_line(line) for line in items], listing=items)
    postmortems = [f"{line.ref} {line.title} ({_postmortem_words(line)})" for line in report.postmortems]
    yield from _section("Postmortems late or skipped", postmortems, listing=report.postmortems)
    yield ""
    yield f"{base_url}{report.path}"


def when_told(report: WeeklyReport) -> str:
    """Whether these are the figures of the week's end, or of now."""
    if report.is_running:
        return "The week is not over: what is due today or later this week is not counted yet."
    if report.recorded_at is None:
        return "Counted now: nothing was written down for you when the week ended."
    zone = report.week.zone
    late = f"on {words.moment_text(report.recorded_at, zone)}, when they were first written down"
    told = late if report.is_recorded_late else "when the week ended"
    return f"The figures are as they were told {told}; the lists are as things stand now."


def job_words(report: WeeklyReport) -> str:
    """That nothing goes out any more, and since when."""
    since = words.moment_text(report.job_stopped_at, report.week.zone)
    return f"the report's job has stopped: nothing was heard of it since {since}. No report goes out until it runs."


def last_read(tracker: TrackerLine, report: WeeklyReport) -> str:
    """How old what we know of a tracker is, and when that was."""
    if tracker.read_at is None:
        return "never read"
    moment = words.moment_text(tracker.read_at, report.week.zone)
    return f"last read {report.age_of(tracker)} ({moment})"


def _owner_words(line: OwnerLine) -> str:
    oldest, median = (words.count(days, "day") for days in (line.oldest_days, line.median_days))
    return f"the oldest for {oldest}, half for {median} or more"


def _postmortem_words(line: PostmortemLine) -> str:
    if line.skipped_reason:
        return f"skipped: {' '.join(line.skipped_reason.split())}"
    return f"{line.lead}, was due {words.day_text(line.due_on)}"


def _section(title: str, lines: list[str], *, listing: Listing[Any] | None = None) -> Iterator[str]:
    if lines:
        yield ""
        yield f"## {title}"
        yield ""
        yield from (f"- {line}" for line in lines)
        if listing is not None and listing.has_more:
            yield "- and more"


def _figure_line(one: Compared) -> str:
    base = f" ({one.this.base})" if one.this.base else ""
    return f"{one.definition.name}: {one.this.words}{base}, {one.change}"


def _correction_line(one: Correction) -> str:
    return f"{one.name}: told {one.then}, now {one.now}"


def _recurrence_line(line: RecurrenceLine) -> str:
    verb = "is the same as" if line.state == "same" else "looks like"
    owed = (
        f"{line.unfinished} of its {words.count(line.promised, 'item')} still open"
        if line.promised
        else "it had no items"
    )
    return f"{line.later_ref} {verb} {line.earlier_ref} “{line.earlier_title}”: {owed}"


def _action_line(line: ActionLine) -> str:
    return f"{line.ref} {line.title} ({line.owner}, {line.state.value}{_days(line)})"


def _days(line: ActionLine) -> str:
    """The day that matters in the item's state."""
    if line.state is ActionState.DECLINED:
        return f", to look at again on {words.day_text(line.look_again_on)}"
    due = f", due {words.day_text(line.due_on)}" if line.due_on else ""
    late = f", {words.count(line.days_overdue, 'day')} overdue" if line.days_overdue > 0 and line.state.is_open else ""
    return due + late


CSV_HEADER = (
    *("part", "key", "words", "part_of", "whole", "before_part", "before_whole", "owner", "state", "due_on"),
    "look_again_on",
)


def as_csv(report: WeeklyReport) -> str:
    """The report for a spreadsheet: its figures, what was corrected, and the rows of its lists."""
    return "".join(csv_line(line + ("",) * (len(CSV_HEADER) - len(line))) for line in _csv_rows(report))


def _csv_rows(report: WeeklyReport) -> Iterator[tuple[object, ...]]:
    yield CSV_HEADER
    yield "report", report.week.name, report.headline
    yield from _csv_figures(report)
    yield from _csv_lists(report)


def _csv_figures(report: WeeklyReport) -> Iterator[tuple[object, ...]]:
    for one in report.figures:
        yield "figure", one.definition.key, one.this.words, *(one.this.part, one.this.whole), *_before(one)
    for one_count in report.counts:
        yield "figure", one_count.key, one_count.words, one_count.number
    for tracker in report.stale_trackers:
        yield "stale", tracker.name, last_read(tracker, report)
    if report.job_stopped_at:
        yield "stopped", "reports.send", job_words(report)
    for change in report.corrections:
        yield "corrected", change.name, f"told {change.then}, now {change.now}"


def _csv_lists(report: WeeklyReport) -> Iterator[tuple[object, ...]]:
    for line in report.recurrences:
        yield "came back", line.later_ref, line.later_title, line.unfinished, line.promised
    for owner in report.overdue_owners:
        yield "overdue by owner", "", _owner_words(owner), owner.items, "", "", "", owner.owner
    for name in ("overdue", "due_next", "lapsing", "verified", "did_not_hold"):
        for item in report.lists[name]:
            days = (item.due_on, item.look_again_on if name == "lapsing" else None)
            yield name, item.ref, item.title, "", "", "", "", item.owner, item.state.value, *days
    for paper in report.postmortems:
        yield "postmortems", paper.ref, paper.title, "", "", "", "", paper.lead, paper.state.value, paper.due_on


def _before(one: Compared) -> tuple[int, int]:
    return one.before.part, one.before.whole
