"""What came back: pairs, what people decided of them, families, and fixes that did not hold."""

from datetime import datetime

from sqlalchemy import select

from tracker import action_life, action_links, words
from tracker.db import session
from tracker.deadlines import action_due_on
from tracker.demo.cast import Cast
from tracker.demo.texts import PairText
from tracker.models import (
    ActionItem,
    Comparison,
    Family,
    FamilyMember,
    HeldVerdict,
    Incident,
    Person,
    Postmortem,
    Recurrence,
    RecurrenceState,
    Stage,
    Verdict,
)

VERDICTS = {
    "failed": (HeldVerdict.FAILED, "The incident came back: this failed."),
    "bypassed": (HeldVerdict.BYPASSED, "The incident came back: this was bypassed."),
    "not relevant": (HeldVerdict.NOT_RELEVANT, ""),
}


def write_comparisons(*, cast: Cast) -> None:
    """Every incident was compared when it was declared, and again when its postmortem was published."""
    published = session.execute(select(Postmortem.incident_id, Postmortem.published_at))
    published_at = {row.incident_id: row.published_at for row in published}
    for incident in cast.incidents.values():
        if not incident.is_drill:
            _write_comparison(incident, Stage.DECLARED, at=incident.declared_at, cast=cast)
            if (at := published_at.get(incident.id)) is not None:
                _write_comparison(incident, Stage.POSTMORTEM, at=at, cast=cast)


def _write_comparison(incident: Incident, stage: Stage, *, at: datetime, cast: Cast) -> None:
    count = _count_earlier(incident, cast=cast)
    session.add(
        Comparison(incident_id=incident.id, stage=stage, asked_at=at, run_after=at, done_at=at, compared_with=count)
    )


def _count_earlier(incident: Incident, *, cast: Cast) -> int:
    """How many incidents came before; a practice is never compared."""
    return sum(one.declared_at < incident.declared_at and not one.is_drill for one in cast.incidents.values())


def write_pair(text: PairText, *, cast: Cast) -> None:
    later, earlier = cast.incidents[text.later], cast.incidents[text.earlier]
    found_at = cast.calendar.moment(text.found)
    pair = Recurrence(
        later_id=later.id,
        earlier_id=earlier.id,
        state=RecurrenceState.SUSPECTED,
        stage=Stage(text.stage),
        score=text.score,
        reasons=text.reasons,
        shared_terms=text.shared,
        compared_with=_count_earlier(later, cast=cast),
        found_at=found_at,
    )
    session.add(pair)
    session.flush()
    if text.state != RecurrenceState.SUSPECTED:
        _decide(pair, text, cast=cast)


def _decide(pair: Recurrence, text: PairText, *, cast: Cast) -> None:
    by, at = cast.people[text.by], cast.calendar.moment(text.decided)
    pair.state, pair.decided_at, pair.decided_by_id = RecurrenceState(text.state), at, by.id
    pair.decided_why = text.why.strip()
    later, earlier = cast.incidents[text.later], cast.incidents[text.earlier]
    cast.note("decide_recurrence", f"{later.ref} and {earlier.ref}", by=by, at=at, decision=pair.state.value)
    if pair.state is RecurrenceState.SAME:
        _join(later, earlier, at=at)
    for key, word in text.verdicts.items():
        _judge(pair, key, word, by=by, at=at, cast=cast)
    for key in text.links:
        action_links.link_incident(cast.items[key], cast.incidents[text.later], by=by, now=at)
    for key, evidence in text.done_again.items():
        _do_again(cast.items[key], evidence, judge=by, at=at, cast=cast)


def _join(later: Incident, earlier: Incident, *, at: datetime) -> None:
    """One family, named after its first incident."""
    member = session.get(FamilyMember, earlier.id)
    family_id = member.family_id if member else None
    if family_id is None:
        family = Family(name=earlier.title, created_at=at)
        session.add(family)
        session.flush()
        family_id = family.id
        session.add(FamilyMember(incident_id=earlier.id, family_id=family_id))
    session.add(FamilyMember(incident_id=later.id, family_id=family_id))
    session.flush()


def _judge(pair: Recurrence, key: str, word: str, *, by: Person, at: datetime, cast: Cast) -> None:
    action = cast.items[key]
    verdict, sentence = VERDICTS[word]
    session.add(Verdict(recurrence_id=pair.id, action_id=action.id, verdict=verdict, given_by_id=by.id, given_at=at))
    if sentence:
        action_life.fail_to_hold(action, sentence=sentence, by=by, now=at)
        before, action.due_on = action.due_on, action_due_on(action.priority, cast.calendar.day_of(at))
        sentence = f"Changed the due date from {words.day_text(before)} to {words.day_text(action.due_on)}."
        action_life.note(action, sentence, by=by, now=at)


def _do_again(action: ActionItem, evidence: str, *, judge: Person, at: datetime, cast: Cast) -> None:
    """The fix that did not hold was done better, watched, and shown to work."""
    calendar, owner = cast.calendar, action.owner or judge
    action_life.start(action, by=owner, now=calendar.in_office_hours(at, days=2, spread=action.number))
    action_life.finish(
        action, evidence=evidence, by=owner, now=calendar.in_office_hours(at, days=12, spread=action.number)
    )
    action_life.verify(action, evidence="", by=judge, now=calendar.in_office_hours(at, days=47, spread=action.number))
