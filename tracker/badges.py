"""States as words with a shape, icons and people, as HTML: remembered, for a page has a hundred and more of them.

The templates know them as ``icon``, ``badge``, ``avatar`` and ``person`` of ``_macros/ui.html``;
``sprite`` is the address of the icons' drawings.
"""

from functools import lru_cache

from markupsafe import Markup

from tracker.words import state_key

STATES = {
    "sev1": ("SEV1", "sev1", None),
    "sev2": ("SEV2", "sev2", None),
    "sev3": ("SEV3", "sev3", None),
    "sev4": ("SEV4", "sev4", None),
    "declared": ("Declared", "bad", "bolt"),
    "triaged": ("Triaged", "warn", "search"),
    "stabilised": ("Stabilised", "info", "half"),
    "resolved": ("Resolved", "waiting", "check"),
    "verified": ("Verified", "good", "shield"),
    "closed": ("Closed", "calm", "check-circle"),
    "open": ("Open", "calm", "circle"),
    "in_progress": ("In progress", "info", "half"),
    "done": ("Done, not verified", "waiting", "check"),
    "did_not_hold": ("Did not hold", "bad", "x-circle"),
    "declined": ("Declined", "calm", "ban"),
    "overdue": ("Overdue", "bad", "alert"),
    "due_soon": ("Due soon", "warn", "clock"),
    "lapsed": ("Update overdue", "bad", "alert"),
    "in_step": ("In step", "good", "check"),
    "stale": ("Stale", "warn", "clock"),
    "moved": ("Moved", "warn", "right"),
    "transferred": ("Transferred", "warn", "right"),
    "deleted": ("Deleted in the tracker", "bad", "trash"),
    "no_access": ("No access", "bad", "ban"),
    "pending": ("Pending", "info", "clock"),
    "sent": ("Sent", "good", "check"),
    "linked": ("Linked", "good", "link"),
    "unknown": ("Outcome unknown", "warn", "question"),
    "failed": ("Failed", "bad", "x-circle"),
    "not_started": ("Not started", "calm", "dashed"),
    "draft": ("Draft", "warn", "edit"),
    "in_review": ("In review", "info", "eye"),
    "published": ("Published", "good", "check-circle"),
    "skipped": ("Skipped", "calm", "ban"),
    "required": ("Required", "warn", "flag"),
    "suspected": ("Suspected", "warn", "question"),
    "same": ("Same", "bad", "loop"),
    "related": ("Related", "info", "link"),
    "not_the_same": ("Not the same", "calm", "x"),
    "bypassed": ("Bypassed", "warn", "right"),
    "not_relevant": ("Not relevant", "calm", "x"),
    "confirmed": ("Confirmed", "bad", "flag"),
    "ruled_out": ("Ruled out", "calm", "x"),
    "drill": ("Drill", "drill", "flag"),
    "live": ("Live", "bad", "dot"),
    "healthy": ("Healthy", "good", "check-circle"),
    "on": ("On", "good", "check"),
    "off": ("Off", "calm", "x"),
}
"""What every state of the domain is called, how loud it is and which shape stands beside the word."""


@lru_cache(maxsize=512)
def icon(name: str, *, sprite: str) -> Markup:
    """Decoration only: words stand beside it."""
    return Markup('<svg class="icon" aria-hidden="true" width="16" height="16"><use href="{}#{}"/></svg>').format(
        sprite, name
    )


@lru_cache(maxsize=2048, typed=True)  # typed: a label that is HTML already is not one of the same letters that is not
def badge(state: str, label: str | None, tone: str | None, symbol: str | None, *, sprite: str) -> Markup:
    """A state as a word with a shape; colour only repeats it. Takes an enum member or its value."""
    key = state_key(state)
    word, usual_tone, usual_symbol = STATES.get(key, (key.replace("_", " ").capitalize(), "calm", None))
    shape = symbol or usual_symbol
    drawing = icon(shape, sprite=sprite) if shape else ""
    return Markup('<span class="badge {}">{}{}</span>').format(tone or usual_tone, drawing, label or word)


@lru_cache(maxsize=2048, typed=True)
def avatar(name: str) -> Markup:
    """The initials of a name, as a drawing: the name stands beside it or is read out."""
    words = name.split() or [""]
    initials = words[0][:1] + (words[-1][:1] if len(words) > 1 else "")
    return Markup('<span class="avatar" aria-hidden="true">{}</span>').format(initials.upper())


@lru_cache(maxsize=2048, typed=True)
def person(name: str | None, url: str | None = None, detail: str | None = None, empty: str = "Nobody yet") -> Markup:
    """A name with its initials; ``empty`` when there is none."""
    if not name:
        return Markup('<span class="person nobody">{}</span>').format(empty)
    shown = Markup('<a href="{}">{}</a>').format(url, name) if url else Markup("<span>{}</span>").format(name)
    more = Markup('<span class="muted">{}</span>').format(detail) if detail else ""
    return Markup('<span class="person">{}{}{}</span>').format(avatar(name), shown, more)
