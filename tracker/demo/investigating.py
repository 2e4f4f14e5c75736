"""What the people of the sample data found out while an incident went on: the first ten minutes, and the suspects.

The story of it stands on the timeline already, so nothing is written there a second time.
"""

from datetime import datetime

from tracker.db import session
from tracker.demo.cast import Cast
from tracker.demo.lines import read_note
from tracker.demo.texts import IncidentText, SuspectText
from tracker.models import CauseCategory, Evidence, Hypothesis, HypothesisState, Incident, Tick

PREFIX = "first: "


def write_investigation(incident: Incident, text: IncidentText, *, zero: datetime, cast: Cast) -> None:
    for check, line in text.first_minutes.items():
        note = read_note(line)
        ticked_by = cast.people[note.author]
        session.add(
            Tick(
                incident_id=incident.id,
                item=PREFIX + check,
                note=note.text,
                ticked_by_id=ticked_by.id,
                ticked_at=zero + note.at,
            )
        )
    for one in text.suspected:
        session.add(_hypothesis(incident, one, zero=zero, cast=cast))


def _hypothesis(incident: Incident, text: SuspectText, *, zero: datetime, cast: Cast) -> Hypothesis:
    raised = read_note(text.raised)
    hypothesis = Hypothesis(
        incident_id=incident.id,
        suspect=CauseCategory(text.suspect),
        claim=text.claim,
        disproof=text.disproof,
        state=HypothesisState.OPEN,
        raised_by_id=cast.people[raised.author].id,
        raised_at=zero + raised.at,
    )
    for line in text.evidence:
        note = read_note(line)
        hypothesis.evidence.append(
            Evidence(
                kind=note.kind,
                text=note.text,
                is_against=note.is_against,
                noted_by_id=cast.people[note.author].id,
                noted_at=zero + note.at,
            )
        )
    _settle(hypothesis, text, zero=zero, cast=cast)
    return hypothesis


def _settle(hypothesis: Hypothesis, text: SuspectText, *, zero: datetime, cast: Cast) -> None:
    for state, line in ((HypothesisState.CONFIRMED, text.confirmed), (HypothesisState.RULED_OUT, text.ruled_out)):
        if line:
            note = read_note(line)
            hypothesis.state, hypothesis.finding = state, note.text
            hypothesis.settled_by_id, hypothesis.settled_at = cast.people[note.author].id, zero + note.at
