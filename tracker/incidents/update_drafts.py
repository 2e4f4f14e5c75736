"""What an update says to whom, and how it may begin from what is known. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from tracker import words
from tracker.models import Audience, Phase


@dataclass(frozen=True)
class Part:
    key: str
    label: str
    hint: str


PARTS: Mapping[Audience, tuple[Part, ...]] = {
    Audience.TEAM: (
        Part("know", "What we know", "Facts, and where they come from."),
        Part("doing", "What we do", "Who does what right now."),
        Part("need", "What we need", "People, access, decisions. Nothing is an answer too."),
        Part("next", "Next update", "A time, even if there will be no news."),
    ),
    Audience.STAKEHOLDERS: (
        Part("impact", "Impact", "Who cannot do what, and since when."),
        Part("status", "Status", "One sentence without technical words."),
        Part("timeline", "Timeline", "When did it begin, when do they hear again?"),
        Part("actions", "Actions", "What is done, and what others should do."),
    ),
    Audience.USERS: (
        Part("acknowledgment", "We know of it", "Say it plainly. No cause, no names, no promises."),
        Part("impact", "What it means for you", "What does not work, and what does."),
        Part("timeline", "When it gets better", "Only what is certain."),
        Part("watch", "Where to watch", "Where they hear of it next."),
    ),
}
STATUS = {
    Phase.DECLARED: "We are finding out what is affected.",
    Phase.TRIAGED: "We know what is affected and are making it safe.",
    Phase.STABILISED: "Users can work again. We are looking for the cause.",
    Phase.RESOLVED: "It is resolved. We keep an eye on it.",
    Phase.VERIFIED: "It is resolved and stayed quiet.",
    Phase.CLOSED: "It is over.",
}
FOR_USERS = {
    Phase.DECLARED: "We are looking into it.",
    Phase.TRIAGED: "We are working on it.",
    Phase.STABILISED: "It should work again. We keep watching it.",
}
OVER = "It is solved. We are sorry for the trouble."


@dataclass(frozen=True)
class Situation:
    """What is known when somebody begins to write."""

    title: str
    phase: Phase
    services: Sequence[str]
    now: datetime
    zone: tzinfo
    public_names: Sequence[str] = ()
    """What users call the services."""
    started_at: datetime | None = None
    resolved_at: datetime | None = None
    next_due_at: datetime | None = None
    noted: Mapping[str, str] = field(default_factory=dict)
    """What the first ten minutes found, by check: users, features, regions."""
    suspected: Sequence[str] = ()
    last_action: str = ""
    holders: Mapping[str, str] = field(default_factory=dict)
    """Who holds which role."""


def draft_for(audience: Audience, situation: Situation) -> dict[str, str]:
    """A beginning for each part of an update; empty where nothing is known."""
    write = {Audience.TEAM: _for_team, Audience.STAKEHOLDERS: _for_stakeholders, Audience.USERS: _for_users}
    return write[audience](situation)


def text_of(audience: Audience, parts: Mapping[str, str]) -> str:
    """The parts as one Markdown text: with headings for those who work on it, plain sentences for users."""
    said = [(part.label, parts.get(part.key, "").strip()) for part in PARTS[audience]]
    if audience is Audience.USERS:
        return "\n\n".join(text for _, text in said if text)
    return "\n\n".join(f"**{label}:** {text}" for label, text in said if text)


def _for_team(known: Situation) -> dict[str, str]:
    suspected = f"We suspect: {'; '.join(one.rstrip('.') for one in known.suspected)}." if known.suspected else ""
    lead = known.holders.get("incident commander")
    asked = f"Tell {lead} if you can help." if lead else ""
    return {
        "know": _joined(words.sentence(known.title), _impact(known), suspected),
        "doing": _joined(STATUS[known.phase], words.sentence(known.last_action)),
        "need": asked if known.phase.is_live else "",
        "next": _next(known),
    }


def _for_stakeholders(known: Situation) -> dict[str, str]:
    return {
        "impact": _impact(known) or words.sentence(known.title),
        "status": STATUS[known.phase],
        "timeline": _joined(_began(known), _next(known)),
        "actions": words.sentence(known.last_action),
    }


def _for_users(known: Situation) -> dict[str, str]:
    """From what users see for themselves alone: no title, no cause, no note, no words of ours."""
    where = _listed(known.public_names)
    if not known.phase.is_live:
        gone = f"The problem with {where} is over." if where else "The problem is over."
        return {"acknowledgment": gone, "impact": "", "timeline": OVER, "watch": ""}
    affected = f"{where} may not work as you expect." if where else "Some things may not work as you expect."
    return {
        "acknowledgment": affected[:1].upper() + affected[1:],
        "impact": "",  # what the room noted may be in our words: it stands beside the field
        "timeline": FOR_USERS[known.phase],
        "watch": f"You hear from us here again by {_clock(known.next_due_at, known)}." if known.next_due_at else "",
    }


def _impact(known: Situation) -> str:
    found = (("users", "Affected"), ("features", "What does not work"), ("regions", "Where"))
    sentences = [f"{label}: {words.sentence(known.noted[key])}" for key, label in found if known.noted.get(key)]
    if not sentences and known.services:
        sentences = [f"Affected: {_listed(known.services)}."]
    return " ".join(sentences)


def _began(known: Situation) -> str:
    if known.started_at is None:
        return "When it began is not known yet."
    began = f"It began at {_clock(known.started_at, known)}."
    return f"{began} It was resolved at {_clock(known.resolved_at, known)}." if known.resolved_at else began


def _next(known: Situation) -> str:
    if not known.phase.is_live:
        return ""
    return f"Next update by {_clock(known.next_due_at, known)}." if known.next_due_at else ""


def _clock(at: datetime, known: Situation) -> str:
    """ "09:20 CET", with the day when that is not today."""
    return f"{words.hour_text(at, known.zone, now=known.now)} {at.astimezone(known.zone):%Z}"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
