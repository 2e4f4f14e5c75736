"""Questions about the wording of an item. They help the writer; they never stop anybody."""

import re

VERB = re.compile(
    r"^(please |we (should|must|need to) |try to )*"
    r"(improve|investigate|look into|be (more )?careful|take (more )?care|pay (more )?attention|train|retrain|document|"
    r"review|communicate)\b",
    re.IGNORECASE,
)
FILLERS = frozenset(
    "a again all an and better carefully everybody everyone everything further in future it more of on our people "  # noqa: SIM905  a sentence reads better than forty quotes
    "properly situation stuff team that the thing things this to us with".split()
)
TITLE_QUESTION = "What exactly will be different when this is done? Name the thing and what it will do."
DONE_QUESTION = "How will somebody else see that it is done? A sentence under “Done when” saves a discussion later."


def questions(title: str, *, done_when: str) -> list[str]:
    """What a careful colleague would ask about this wording; empty when there is nothing to ask."""
    asked = [TITLE_QUESTION] if is_vague(title) else []
    return asked if done_when.strip() else [*asked, DONE_QUESTION]


def is_vague(title: str) -> bool:
    """Whether a title has only the verb of a good intention and nothing that it is about."""
    match = VERB.match(title.strip())
    if match is None:
        return False
    rest = re.findall(r"\w+", title.strip()[match.end() :].lower())
    return all(word in FILLERS for word in rest)
