"""What is typed while looking for the cause."""

from typing import Self

from wtforms import IntegerField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from tracker.forms import Form, choices, line, prose
from tracker.incidents.forms import PickByButton, PickOne
from tracker.incidents.investigation_operations import EvidenceDraft, HypothesisDraft, LookDraft, SettleDraft
from tracker.models import CauseCategory, EvidenceKind, HypothesisState

FOR, AGAINST = "for", "against"
SIDES = [SelectChoice(FOR, "Speaks for it"), SelectChoice(AGAINST, "Speaks against it")]
MAY_BE, RULED_OUT = "may be", "ruled out"


class LookForm(Form):
    suspect = PickOne("Suspect", id="look-suspect", choices=choices(CauseCategory))
    verdict = PickOne(
        "What came out?", id="look-verdict", choices=[SelectChoice(one, one) for one in (MAY_BE, RULED_OUT)]
    )
    finding = line("What did you find?", thing="what you found", required=False, id="look-finding")

    def draft(self) -> LookDraft:
        return LookDraft(
            suspect=CauseCategory(self.suspect.data),
            is_ruled_out=self.verdict.data == RULED_OUT,
            finding=self.finding.data or "",
        )


class HypothesisForm(Form):
    claim = line("What do you suspect?", thing="what you suspect", id="claim")
    suspect = PickOne(
        "Of which kind is it?", id="claim-suspect", choices=choices(CauseCategory), default=CauseCategory.OTHER.value
    )
    disproof = line("What would show that you are wrong?", thing="what would", required=False, id="claim-disproof")

    def draft(self) -> HypothesisDraft:
        return HypothesisDraft(CauseCategory(self.suspect.data), self.claim.data or "", self.disproof.data or "")


class HypothesisRowForm(Form):
    """One of many alike on a page: its fields are told apart by the hypothesis they are about."""

    def of(self, hypothesis_id: int) -> Self:
        for field in self:
            if field.type != "CSRFTokenField":
                field.id = f"{field.short_name}-{hypothesis_id}"
        return self


class EvidenceForm(HypothesisRowForm):
    text = prose("What did you see?", thing="what you saw, with a link if there is one", required=True)
    kind = PickOne("Kind", choices=choices(EvidenceKind), default=EvidenceKind.METRIC.value)
    side = PickByButton("Which way does it point?", choices=SIDES, default=FOR)

    def draft(self) -> EvidenceDraft:
        return EvidenceDraft(self.text.data or "", EvidenceKind(self.kind.data), self.side.data == AGAINST)


class SettleForm(HypothesisRowForm):
    state = PickOne("What is it now?", choices=choices(HypothesisState))
    finding = line("How do you know?", thing="how you know")
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def draft(self) -> SettleDraft:
        return SettleDraft(HypothesisState(self.state.data), self.finding.data or "", self.version.data or 0)
