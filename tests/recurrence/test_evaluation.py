"""What the evaluation counts when it does not ask every report."""

from datetime import UTC, datetime, timedelta

from tracker.recurrence.evaluation import evaluate
from tracker.recurrence.labelled import Labelled
from tracker.recurrence.similarity import Described, prepare

START = datetime(2026, 1, 1, tzinfo=UTC)


def labelled(number: int, title: str, *, group: str = "", is_query: bool = False) -> Labelled:
    one = Described(id=0, moment=START + timedelta(days=number), title=title)
    return Labelled(f"line {number}", f"R-{number}", prepare(one), group, is_query)


UNLIKE = (
    "Disk full on search",
    "Certificate expired",
    "Mail queue stuck",
    "Wrong prices shown",
    "Login page blank",
    "Backup never finished",
    "Maps load slowly",
    "Invoices printed twice",
)
ROWS = [
    labelled(0, "pgbouncer pool exhausted by ledger migration locks", group="g"),
    *(labelled(number, title) for number, title in enumerate(UNLIKE, start=1)),
    labelled(9, "pgbouncer pool exhausted by ledger migration locks", group="g", is_query=True),
]


def test_every_query_is_asked_and_of_the_others_each_third_counts_three_times() -> None:
    whole, sampled = evaluate(ROWS, test_from=0), evaluate(ROWS, test_from=0, every=3)

    assert (whole["queries"], whole["rows"]) == (1, 10)
    assert (sampled["queries"], sampled["rows"]) == (1, 1 + 3 * 3)
    assert sampled["recall"] == whole["recall"]


def test_the_alarms_have_intervals_too() -> None:
    found = evaluate(ROWS, test_from=0)

    assert (found["precision"], found["intervals_95"]["precision"]) == (1.0, [1.0, 1.0])
    assert found["intervals_95"]["alert_recall"] == [1.0, 1.0]
