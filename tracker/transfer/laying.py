"""Lay each section of a document where it belongs: a question, the timeline, the items, the whys, or the notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.transfer.headings import ACTIONS, ATTENDEES, STATS, TIMELINE, UNKNOWN, WHYS, is_told_by_its_key, kind_of
from tracker.transfer.promises import PromiseReader
from tracker.transfer.sections import Section
from tracker.transfer.timelines import TimelineReader
from tracker.transfer.times import read_time
from tracker.transfer.values import Placement

_PARTS = frozenset({TIMELINE, ACTIONS, WHYS, ATTENDEES, STATS})
_BROAD_KINDS = frozenset(
    """
    attendees background detect_alerting detect_monitoring detect_on_call information prevent_architecture
    prevent_code prevent_process recover_communication recover_runbooks recover_tools right_people stats
    what_broke who_was_affected
    """.split()  # noqa: SIM905
)
"""Below a section that is a question of its own, these words are a topic of it and no other question."""


@dataclass
class Desk:
    """Where the sections of one document are laid as they are read."""

    timeline: TimelineReader
    promises: PromiseReader
    answers: dict[str, list[str]] = field(default_factory=dict)
    notes: list[tuple[str, list[str]]] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    attendees: list[str] = field(default_factory=list)
    placed: list[Placement] = field(default_factory=list)
    kind: str = UNKNOWN
    level: int = 0


def lay_introduction(section: Section, *, desk: Desk, is_title: bool) -> None:
    if is_title:
        desk.placed.append(Placement(section.source, "title"))
        desk.notes.append(("", section.lines))
    else:
        desk.notes.append((section.heading, section.lines))
    desk.kind, desk.level = UNKNOWN, section.level


def lay(section: Section, *, desk: Desk) -> None:
    if not section.heading:
        _lay_unnamed(section, desk=desk)
        return
    time = read_time(section.heading) if desk.kind == TIMELINE else None
    if time and (time.has_clock or time.has_date):
        desk.timeline.read_timed(section, time=time)
        return
    kind, is_below = kind_of(section.heading), section.level > desk.level
    if desk.kind == ACTIONS and is_below:
        desk.promises.read_below(section)
    elif is_below and (not kind or kind in _BROAD_KINDS) and desk.kind not in (UNKNOWN, TIMELINE):
        _lay_below(section, desk=desk)
    elif kind:
        desk.kind, desk.level = kind, section.level
        lay_known(section, desk=desk)
    else:
        if desk.kind != TIMELINE or not is_below:
            desk.kind, desk.level = UNKNOWN, section.level
        _note(section, desk=desk)


def _note(section: Section, *, desk: Desk) -> None:
    if section.is_inline:
        desk.placed.append(Placement(section.source, "notes"))
    desk.notes.append((section.heading, section.lines))


def _lay_unnamed(section: Section, *, desk: Desk) -> None:
    lines = [section.source, *section.lines] if section.source else section.lines
    if desk.kind in _PARTS or desk.kind == UNKNOWN:
        desk.notes.append(("", lines))
    else:
        desk.answers[desk.kind] += lines


def lay_timeline(section: Section, *, desk: Desk) -> None:
    desk.kind, desk.level = TIMELINE, section.level
    desk.placed.append(Placement(section.source, "timeline"))
    desk.timeline.read_main(section)


def lay_known(section: Section, *, desk: Desk) -> None:
    if desk.kind == TIMELINE:
        lay_timeline(section, desk=desk)
    elif desk.kind == ACTIONS:
        desk.placed.append(Placement(section.source, "action items"))
        desk.promises.read_main(section)
    elif desk.kind == WHYS:
        desk.placed.append(Placement(section.source, "five whys"))
        desk.whys += section.lines
    elif desk.kind in (ATTENDEES, STATS):
        desk.attendees += section.lines if desk.kind == ATTENDEES else []
        _note(section, desk=desk)
    else:
        _lay_answer(section, desk=desk)


def _lay_answer(section: Section, *, desk: Desk) -> None:
    kept = desk.answers.setdefault(desk.kind, [])
    desk.placed.append(Placement(section.source, desk.kind))
    if any(line.strip() for line in kept) or not is_told_by_its_key(section.heading):
        _append(section, kept=kept)
    else:
        kept += section.lines


def _append(section: Section, *, kept: list[str]) -> None:
    """A section with its heading, one blank line around it."""
    apart = [""] if kept and kept[-1].strip() else []
    lines = section.lines[1:] if section.is_inline else section.lines
    below = [""] if lines and lines[0].strip() else []
    kept += [*apart, section.source, *below, *lines]


def _lay_below(section: Section, *, desk: Desk) -> None:
    """A heading below one that is known belongs to it."""
    if desk.kind == WHYS:
        desk.whys += [section.source, *section.lines]
    elif desk.kind in (ATTENDEES, STATS):
        desk.attendees += section.lines if desk.kind == ATTENDEES else []
        desk.notes.append((section.heading, section.lines))
    else:
        _append(section, kept=desk.answers[desk.kind])
