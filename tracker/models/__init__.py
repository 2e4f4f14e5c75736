"""The tables of the whole product, one file a group. They import nothing else of ours."""

from tracker.models.actions import (
    OPEN_STATES,
    ActionEvent,
    ActionItem,
    ActionKind,
    ActionState,
    BulkChange,
    IncidentAction,
    Lever,
    Priority,
)
from tracker.models.alerts import Alert
from tracker.models.base import Base, UtcDateTime
from tracker.models.catalog import Service
from tracker.models.communication import StatusComponent, UpdateSubscription
from tracker.models.counted import counts_for_all, settle_all_counting, settle_counting
from tracker.models.counters import ACTIONS, INCIDENTS, Counter, next_number
from tracker.models.drills import Drill, DrillCheck, DrillGap, DrillInject, DrillPerson, DrillService
from tracker.models.incidents import (
    FIRST_MINUTES,
    Audience,
    EntryKind,
    Incident,
    IncidentPerson,
    IncidentRole,
    IncidentService,
    Phase,
    RoleAssignment,
    Severity,
    Tick,
    TimelineEntry,
    TimelineRevision,
    Update,
)
from tracker.models.investigation import Evidence, EvidenceKind, Hypothesis, HypothesisState
from tracker.models.library import LibraryText, LibraryWord
from tracker.models.messages import (
    Channel,
    JobRun,
    Message,
    MessageKind,
    MessageState,
    ReportSubscription,
    Setting,
    StoppedMail,
)
from tracker.models.people import (
    ApiToken,
    AuditEntry,
    Guess,
    Identity,
    Person,
    PersonSession,
    Role,
    SignInLink,
    Team,
    TeamMember,
    TokenScope,
)
from tracker.models.postmortem_reviews import Edition, ReviewComment, Reviewer
from tracker.models.postmortem_templates import PostmortemTemplate
from tracker.models.postmortems import (
    Answer,
    AnswerRevision,
    CauseCategory,
    Confidence,
    ContributingFactor,
    DismissedHint,
    Postmortem,
    PostmortemState,
    Why,
    WhyAction,
    WhyEnding,
    WhyKind,
)
from tracker.models.recurrence import (
    CalibrationFit,
    Comparison,
    Family,
    FamilyChange,
    FamilyChangeKind,
    FamilyChangePair,
    FamilyMember,
    HeldVerdict,
    Recurrence,
    RecurrenceState,
    Stage,
    Verdict,
)
from tracker.models.recurrence_index import (
    IndexBlock,
    IndexDays,
    IndexDocument,
    IndexMark,
    IndexState,
    IndexTerm,
    mark_for_index,
)
from tracker.models.reminders import Reminder, ReminderDay, ReminderStep
from tracker.models.reports import WeekRecord
from tracker.models.runbooks import Runbook, RunbookRun, RunbookService, RunbookStepDone
from tracker.models.sent_forms import SentForm, SentRequest
from tracker.models.sync import (
    ActionTicket,
    CommentKind,
    CommentState,
    Freshness,
    JiraFlavour,
    Push,
    PushState,
    Ticket,
    TicketComment,
    TicketState,
    Tracker,
    TrackerKind,
    Trouble,
)
from tracker.models.tracker_settings import FieldMapping, HookDelivery, HookRefusals, RemoteAccount, TrackerHook
from tracker.models.visibility import (
    may_not_see,
    may_see,
    may_see_action,
    may_see_actions,
    may_see_drill,
    may_see_first_actions,
)
from tracker.models.webhooks import HookEvent, PostState, Webhook, WebhookPost, write_webhook_posts
from tracker.models.writing import Picture, Presence

__all__ = [
    "ACTIONS", "FIRST_MINUTES", "INCIDENTS", "OPEN_STATES", "ActionEvent", "ActionItem", "ActionKind", "ActionState",
    "ActionTicket", "Alert", "Answer", "AnswerRevision", "ApiToken", "Audience", "AuditEntry", "Base", "BulkChange",
    "CalibrationFit", "CauseCategory", "Channel", "CommentKind", "CommentState", "Comparison", "Confidence",
    "ContributingFactor", "Counter", "DismissedHint", "Drill", "DrillCheck", "DrillGap", "DrillInject", "DrillPerson",
    "DrillService", "Edition", "EntryKind", "Evidence", "EvidenceKind", "Family", "FamilyChange", "FamilyChangeKind",
    "FamilyChangePair", "FamilyMember", "FieldMapping", "Freshness", "Guess", "HeldVerdict", "HookDelivery",
    "HookEvent", "HookRefusals", "Hypothesis", "HypothesisState", "Identity", "Incident", "IncidentAction",
    "IncidentPerson", "IncidentRole", "IncidentService", "IndexBlock", "IndexDays", "IndexDocument", "IndexMark",
    "IndexState", "IndexTerm", "JiraFlavour", "JobRun", "Lever", "LibraryText", "LibraryWord", "Message", "MessageKind",
    "MessageState", "Person", "PersonSession", "Phase", "Picture", "PostState", "Postmortem", "PostmortemState",
    "PostmortemTemplate", "Presence", "Priority", "Push", "PushState", "Recurrence", "RecurrenceState", "Reminder",
    "ReminderDay", "ReminderStep", "RemoteAccount", "ReportSubscription", "ReviewComment", "Reviewer", "Role",
    "RoleAssignment", "Runbook", "RunbookRun", "RunbookService", "RunbookStepDone", "SentForm", "SentRequest",
    "Service", "Setting", "Severity", "SignInLink", "Stage", "StatusComponent", "StoppedMail",
    "Team", "TeamMember", "Tick", "Ticket", "TicketComment", "TicketState", "TimelineEntry", "TimelineRevision",
    "TokenScope", "Tracker", "TrackerHook", "TrackerKind", "Trouble", "Update", "UpdateSubscription", "UtcDateTime",
    "Verdict", "Webhook", "WebhookPost", "WeekRecord", "Why", "WhyAction", "WhyEnding", "WhyKind", "counts_for_all",
    "mark_for_index", "may_not_see", "may_see", "may_see_action", "may_see_actions",
    "may_see_drill", "may_see_first_actions", "next_number", "settle_all_counting", "settle_counting",
    "write_webhook_posts",
]  # fmt: skip
