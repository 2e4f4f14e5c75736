"""How likely *same* is: what this installation's decisions made of it; an administrator chooses what is in use."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.models import Role
from tracker.pages import moved_on, page, viewer
from tracker.recurrence import calibration
from tracker.recurrence.blueprint import blueprint
from tracker.recurrence.forms import ButtonForm
from tracker.recurrence.weights import POSSIBLY_FROM, RECURRENCE_FROM
from tracker.security import allow


@blueprint.get("/settings/calibration")
@allow(Role.ADMIN)
def calibrations() -> str:
    return page(
        "recurrence/calibrations.html",
        overview=calibration.overview(),
        from_decisions=calibration.FROM_DECISIONS,
        recurrence_from=RECURRENCE_FROM,
        possibly_from=POSSIBLY_FROM,
    )


@blueprint.post("/settings/calibration/<int(max=2147483647):fit_id>/use")
@allow(Role.ADMIN)
def use_fit(fit_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        fit = calibration.use_fit(fit_id, by=viewer(), now=clock.utcnow())
        said = f"The calibration from {fit.decisions} decisions is in use."
    return moved_on(said, to=url_for("recurrence.calibrations"))


@blueprint.post("/settings/calibration/shipped")
@allow(Role.ADMIN)
def use_shipped() -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        calibration.use_shipped(by=viewer(), now=clock.utcnow())
    return moved_on("The shipped likelihoods are in use again.", to=url_for("recurrence.calibrations"))
