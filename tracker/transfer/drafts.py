"""What an import is about to write: frozen values between what was read and the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tracker.models import (
    ActionKind,
    ActionState,
    Audience,
    CauseCategory,
    EntryKind,
    EvidenceKind,
    HypothesisState,
    IncidentRole,
    Lever,
    Phase,
    PostmortemState,
    Priority,
    Severity,
)
from tracker.why_texts import WhyText


@dataclass(frozen=True, kw_only=True)
class EntryDraft:
    text: str
    at: datetime | None = None
    at_text: str = ""
    kind: EntryKind = EntryKind.EVENT
    is_starred: bool = False
    flags: tuple[str, ...] = ()
    """What the reader was not sure of, in words; shown in the preview, not stored."""


@dataclass(frozen=True, kw_only=True)
class WhyDraft(WhyText):
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class FactorDraft:
    text: str
    category: CauseCategory | None = None


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """An action item. Times that are ``None`` are not known."""

    title: str
    detail: str = ""
    state: ActionState = ActionState.OPEN
    owner_text: str = ""
    owner_email: str = ""
    due_on: date | None = None
    kind: ActionKind | None = None
    lever: Lever | None = None
    priority: Priority = Priority.P2
    done_when: str = ""
    done_evidence: str = ""
    declined_reason: str = ""
    look_again_on: date | None = None
    watch_until: date | None = None
    number: int | None = None
    """Its number in the installation that exported it."""
    at: Mapping[str, datetime] = field(default_factory=dict)
    """Times that an export states, by the name of their column."""


@dataclass(frozen=True)
class PersonDraft:
    """Somebody whom an export names."""

    email: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ServiceDraft:
    """A service by its name, and by its slug where an export states it."""

    name: str
    slug: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleDraft:
    role: IncidentRole
    email: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateDraft:
    audience: Audience
    text: str
    author_email: str
    sent_at: datetime
    next_due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EvidenceDraft:
    kind: EvidenceKind
    text: str
    is_against: bool
    noted_by: str
    """An e-mail address."""
    noted_at: datetime


@dataclass(frozen=True, kw_only=True)
class HypothesisDraft:
    """What was suspected; settled with a time, or open without one. People are e-mail addresses."""

    suspect: CauseCategory
    claim: str
    disproof: str
    state: HypothesisState
    finding: str
    raised_by: str
    raised_at: datetime
    settled_by: str = ""
    settled_at: datetime | None = None
    evidence: tuple[EvidenceDraft, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TickDraft:
    item: str
    note: str
    ticked_by: str
    """An e-mail address."""
    ticked_at: datetime


@dataclass(frozen=True, kw_only=True)
class PostmortemDraft:
    state: PostmortemState = PostmortemState.PUBLISHED
    published_at: datetime | None = None
    skipped_reason: str = ""
    category: CauseCategory | None = None
    lead: str = ""
    """Name or e-mail address of its owner."""
    is_required: bool = False
    due_on: date | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    own_headings: Mapping[str, str] = field(default_factory=dict)
    whys: tuple[WhyDraft, ...] = ()
    factors: tuple[FactorDraft, ...] = ()
    left_over: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DocumentDraft:
    """One incident with everything its document says."""

    name: str
    title: str
    declared_at: datetime
    is_undated: bool = False
    """Whether the document says of no day that it is the incident's; ``declared_at`` is the import then."""
    summary: str = ""
    severity: Severity = Severity.SEV3
    phase: Phase = Phase.CLOSED
    is_drill: bool = False
    is_private: bool = False
    alert_name: str = ""
    moments: Mapping[str, datetime] = field(default_factory=dict)
    """Started, detected and the like, by the name of their column; a missing one is not known."""
    services: tuple[ServiceDraft, ...] = ()
    people: tuple[PersonDraft, ...] = ()
    """Everybody whom an export names; who is not known here is added without access."""
    named_people: tuple[str, ...] = ()
    """E-mail addresses of those who may see it although it is private."""
    roles: tuple[RoleDraft, ...] = ()
    updates: tuple[UpdateDraft, ...] = ()
    hypotheses: tuple[HypothesisDraft, ...] = ()
    ticks: tuple[TickDraft, ...] = ()
    timeline: tuple[EntryDraft, ...] = ()
    postmortem: PostmortemDraft | None = None
    items: tuple[ItemDraft, ...] = ()
    number: int | None = None
    """Its number in the installation that exported it."""
    warnings: tuple[str, ...] = ()
