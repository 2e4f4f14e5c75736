"""How likely *same* really is: the shipped likelihood, corrected by what this installation's people decided.

From fifty decisions on, two numbers are fitted (Platt 1999): the log-odds are stretched by a slope and moved.
The order of matches never changes, only how loud they are. Each fit is a row: it can be switched off and on again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from tracker import audit
from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import CalibrationFit, Person, Recurrence, RecurrenceState

FROM_DECISIONS = 50
AGAIN_AFTER = 1.2
"""Fitted anew when there are so many times as many decisions as the last fit had."""
CAUTION = 4.0
"""How strongly a fit is held to the shipped numbers: as strongly as about so many decisions pull."""
STEPS = 50
LEAST_SLOPE = 0.1
EDGE = 1e-4


@dataclass(frozen=True)
class Calibration:
    """What log-odds become."""

    slope: float = 1.0
    shift: float = 0.0

    def likelihood(self, shipped: float) -> float:
        return _logistic(self.slope * _odds(shipped) + self.shift)


SHIPPED = Calibration()
EXAMPLES = (0.1, 0.2, 0.5, 0.8)
"""Shipped likelihoods by which a fit is shown."""
Decision = tuple[float, bool]
"""The shipped likelihood of a pair, and whether it was decided to be the same."""


@dataclass(frozen=True)
class Made:
    """A fit, as the page over all of them tells it."""

    fit: CalibrationFit
    examples: tuple[tuple[float, float], ...]
    """Shipped likelihoods, and what the fit makes of each."""


@dataclass(frozen=True)
class Overview:
    """All that is known of the calibration: what was made, who chose, and what the next one waits for."""

    made: list[Made]
    chosen_by: str
    """Who chose what is in use; nobody did: it was put to use by itself."""
    decisions: int
    same: int
    next_at: int
    """With so many decisions the next fit is made."""

    @property
    def is_shipped(self) -> bool:
        return not any(one.fit.is_in_use for one in self.made)


def calibration_in_use() -> Calibration:
    row = session.execute(
        select(CalibrationFit.slope, CalibrationFit.shift).where(CalibrationFit.is_in_use).order_by(CalibrationFit.id)
    ).first()
    return Calibration(row.slope, row.shift) if row else SHIPPED


def fits() -> list[CalibrationFit]:
    """Every fit that was made, the newest first."""
    return list(session.scalars(select(CalibrationFit).order_by(CalibrationFit.id.desc())))


def overview() -> Overview:
    rows, decisions = fits(), _decisions()
    chosen_by = session.scalar(select(Person.name).where(Person.id == rows[0].chosen_by_id)) if rows else None
    return Overview(
        [Made(fit, _examples(Calibration(fit.slope, fit.shift))) for fit in rows],
        chosen_by or "",
        len(decisions),
        sum(is_same for _, is_same in decisions),
        _enough_after(rows[0] if rows else None),
    )


def _examples(calibration: Calibration) -> tuple[tuple[float, float], ...]:
    return tuple((one, calibration.likelihood(one)) for one in EXAMPLES)


def _enough_after(last: CalibrationFit | None) -> int:
    """How many decisions the next fit needs."""
    return max(FROM_DECISIONS, math.ceil(AGAIN_AFTER * last.decisions) if last else 0)


def fit_if_due(*, now: datetime) -> CalibrationFit | None:
    """Fit anew when enough was decided since the last time. It is put to use unless a person chose what is in use."""
    _lock_decisions()
    decisions = _decisions()
    last = next(iter(_locked()), None)
    if len(decisions) < _enough_after(last):
        return None
    found = fitted(decisions)
    fit = CalibrationFit(
        made_at=now,
        decisions=len(decisions),
        same=sum(is_same for _, is_same in decisions),
        slope=found.slope,
        shift=found.shift,
        error_before=error(decisions, SHIPPED),
        error_after=error(decisions, found),
        chosen_by_id=last.chosen_by_id if last else None,
    )
    if fit.chosen_by_id is None:
        _switch_off()
        fit.is_in_use = True
    session.add(fit)
    return fit


def use_fit(fit_id: int, *, by: Person, now: datetime) -> CalibrationFit:
    """Put a fit to use instead of what is in use.

    Raises:
        NotFoundError: there is no such fit.
    """
    fit = next((one for one in _locked() if one.id == fit_id), None)
    if fit is None:
        raise NotFoundError("There is no such calibration. Reload the page to see which there are.")
    _switch_off()
    fit.is_in_use = True
    _note_chosen(by, now=now, what=f"calibration {fit.id}")
    return fit


def use_shipped(*, by: Person, now: datetime) -> None:
    """Go back to the likelihoods as they were shipped, until somebody chooses a fit."""
    _locked()
    _switch_off()
    _note_chosen(by, now=now, what="the shipped calibration")


def _locked() -> list[CalibrationFit]:
    """Every fit, the newest first, each locked: of two who choose at once the later one wins, and one is in use."""
    rows = session.scalars(select(CalibrationFit).order_by(CalibrationFit.id).with_for_update())
    return sorted(rows, key=lambda fit: -fit.id)


def _lock_decisions() -> None:
    """Let nobody else fit until the transaction ends: before the first fit there is no row of its own to lock."""
    first = select(Recurrence.id).where(Recurrence.state != RecurrenceState.SUSPECTED).order_by(Recurrence.id)
    session.execute(first.limit(1).with_for_update())


def _note_chosen(by: Person, *, now: datetime, what: str) -> None:
    session.execute(update(CalibrationFit).values(chosen_by_id=by.id))
    audit.note("choose_calibration", what, by=by, now=now)


def _switch_off() -> None:
    session.execute(update(CalibrationFit).where(CalibrationFit.is_in_use).values(is_in_use=False))


def _decisions() -> list[Decision]:
    query = select(Recurrence.uncalibrated, Recurrence.state).where(
        Recurrence.state != RecurrenceState.SUSPECTED, Recurrence.uncalibrated > 0
    )
    rows = session.execute(query.order_by(Recurrence.id))
    return [(row.uncalibrated, row.state is RecurrenceState.SAME) for row in rows]


def fitted(decisions: Sequence[Decision]) -> Calibration:
    """The slope and shift under which these decisions are likeliest, held to 1 and 0 (Newton's method)."""
    slope, shift = 1.0, 0.0
    points = [(_odds(shipped), is_same) for shipped, is_same in decisions]
    for _ in range(STEPS):
        g_slope, g_shift = CAUTION * (slope - 1), CAUTION * shift
        h_slope, h_both, h_shift = CAUTION, 0.0, CAUTION
        for odds, is_same in points:
            likelihood = _logistic(slope * odds + shift)
            wrong, curve = likelihood - is_same, likelihood * (1 - likelihood)
            g_slope, g_shift = g_slope + wrong * odds, g_shift + wrong
            h_slope, h_both, h_shift = h_slope + curve * odds * odds, h_both + curve * odds, h_shift + curve
        whole = h_slope * h_shift - h_both * h_both
        slope -= (h_shift * g_slope - h_both * g_shift) / whole
        shift -= (h_slope * g_shift - h_both * g_slope) / whole
        slope = max(slope, LEAST_SLOPE)
    return Calibration(slope, shift)


def error(decisions: Sequence[Decision], calibration: Calibration) -> float:
    """The mean squared error of the likelihoods (Brier 1950)."""
    return math.fsum((calibration.likelihood(one) - is_same) ** 2 for one, is_same in decisions) / len(decisions)


def _odds(likelihood: float) -> float:
    inside = min(1 - EDGE, max(EDGE, likelihood))
    return math.log(inside / (1 - inside))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
