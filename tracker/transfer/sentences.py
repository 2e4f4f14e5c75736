"""What one sentence of an action item states beside the deed: state, priority, owner, due date, kind."""

from __future__ import annotations

import re

from tracker.transfer.times import read_whole_date
from tracker.transfer.values import ActionPromise

_DONE_WORD = re.compile(
    r"\s*[\[(](done|completed?|fixed|closed|resolved|merged)[\])]\s*\.?$|^(?:\*\*)?(done)(?:\*\*)?:\s*", re.IGNORECASE
)
_STATES_DONE = frozenset(
    [
        "done",
        "complete",
        "completed",
        "closed",
        "fixed",
        "resolved",
        "merged",
        "finished",
        "yes",
        "x",
        "✅",
        "✓",
        "✔",
        "☑",
        "shipped",
        "implemented",
        "verified",
    ]
)
_PRIORITY = re.compile(
    r"\*\*(HIGH|MEDIUM|LOW|CRITICAL|URGENT|P[0-4])\*\*:?\s+|\[(HIGH|MEDIUM|LOW|CRITICAL|URGENT|P[0-4])\]\s+",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"(?:[\[(]|\b(?=(?:\w+|assigned to)\*{0,2}\s*[:=]|assigned to))"  # after a bracket or before a sign
    r"(?:owner|assignee|assigned to|responsible|dri)\b\*{0,2}\s*[:=]?\*{0,2}\s+"
    r"([^\s,;()\[\]|][^,;()\[\]|\n]{0,79})[\])]?",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?:^|[\s(\[])`?(@[A-Za-z0-9][\w.-]{0,60})`?(?=$|[\s)\].,:])")
_DUE = re.compile(
    r"\b(?:due(?: date| on| by)?|deadline|eta|target date)\b\s*[:=]?\s+([^;()\[\]|\n]{1,40})", re.IGNORECASE
)
_KIND = re.compile(r"\[(\w{4,12})\]|\((\w{4,12})\)")
KINDS = {
    "prevent": "prevent",
    "prevention": "prevent",
    "preventive": "prevent",
    "preventative": "prevent",
    "detect": "detect",
    "detection": "detect",
    "recover": "recover",
    "recovery": "recover",
}
_BOLD_LEAD = re.compile(r"\*\*([^*\n]{3,300}?)(:?)\*\*(:?)\s+(?=\S)")


def facts_of(text: str, *, owners_in_brackets: bool) -> ActionPromise:
    """What one sentence states beside the deed: state, priority, owner, due date, kind. `title` is what remains."""
    title = text.strip()
    priority = _PRIORITY.match(title)
    title = title[priority.end() :] if priority else title
    done = _DONE_WORD.search(title[-60:]) or _DONE_WORD.match(title)
    is_struck = title.startswith("~~") and title.endswith("~~") and len(title) > 4
    if done and title.endswith(done[0]):
        title = title[: -len(done[0])]
    elif done and title.startswith(done[0]):
        title = title[len(done[0]) :]
    owner = _OWNER.search(title[:5000])
    due = _DUE.search(title[:5000])
    due_text = due[1].strip(" .*") if due else ""
    kind = next(
        (KINDS[word] for match in _KIND.finditer(title[:5000]) if (word := (match[1] or match[2]).lower()) in KINDS),
        "",
    )
    return ActionPromise(
        title=title.strip("~ ") if is_struck else title.strip(),
        is_done=bool(done) or is_struck or (text.lstrip()[:1] in "✅☑" and bool(text.strip())),
        owner_text=owner[1].strip(" .*`") if owner else _handle(title, in_brackets=owners_in_brackets),
        due_text=due_text,
        due_on=read_whole_date(due_text) if due_text else None,
        kind_hint=kind,
        state_text=next((word for word in done.groups() if word), "") if done else "",
        priority_text=(priority[1] or priority[2]) if priority else "",
    )


def _handle(title: str, *, in_brackets: bool) -> str:
    """`@dma` where it stands in front, or alone at the end; a name in brackets where the heading says owners do."""
    ends = title[-160:]
    if in_brackets and (match := re.search(r"\[([^\[\]]{2,60})\]\s*$", ends)):
        return match[1]
    ends = re.sub(r"\s*[\[(]\w{3,12}[\])]\s*$", "", ends)
    for match in _HANDLE.finditer(ends):
        if not ends[match.end() :].strip(" )]`.") and (len(title) > 160 or match.start() > 0):
            return match[1]
    first = re.match(r"`?(@[A-Za-z0-9][\w.-]{0,60})`?\s*:", title)
    return first[1] if first else ""


def titled(text: str, *, paragraph: str) -> tuple[str, str]:
    """A title, and what must stand in the detail so that no word of the paragraph is lost."""
    lead = _BOLD_LEAD.match(text)
    if lead and (lead[2] or lead[3]) and text == paragraph:
        return lead[1].strip(), text[lead.end() :].strip()
    title = text.strip()
    if title.startswith("**") and title.endswith("**") and title.count("**") == 2:
        title = title[2:-2].strip()
    if len(title) > 300:
        return _shortened(title), paragraph
    return title, "" if title.strip("* ") == paragraph.strip("* ") else paragraph


def _shortened(title: str) -> str:
    end = title.find(". ", 20, 280)
    return title[:end] if end > 0 else title[:280].rsplit(" ", 1)[0] + " ..."


def is_done_state(text: str) -> bool:
    """Whether a status cell says that the deed is done."""
    words = text.strip(" *_`.!").lower()
    return words in _STATES_DONE or (words.split(" ")[0] in _STATES_DONE and not words.startswith("yes"))
