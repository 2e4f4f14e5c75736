"""The command line: what an incident or a text resembles, and how well the comparison does on labelled data."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tracker import clock, words
from tracker.console import as_json, in_app, print_json
from tracker.errors import FollowthroughError
from tracker.models import Incident
from tracker.recurrence import queries
from tracker.recurrence.described import described_incidents
from tracker.recurrence.evaluation import evaluate
from tracker.recurrence.families import likenesses_of_all
from tracker.recurrence.jobs import read_what_is_marked
from tracker.recurrence.known import known_incidents
from tracker.recurrence.labelled import not_to_be_found, read_rows
from tracker.recurrence.operations import as_written, reasons_of
from tracker.recurrence.risk_command import risk
from tracker.recurrence.similarity import Basis, Described, Match, prepare

SHOWN = 5


@click.command()
@click.option("--incident", "ref", metavar="INC-42", help="Compare this incident with all earlier ones.")
@click.argument("text", required=False)
@as_json
@in_app
def similar(ref: str | None, text: str | None, as_json: bool) -> None:
    """Earlier incidents that an incident or a TEXT resembles, with reasons."""
    if (ref is None) == (text is None):
        raise click.UsageError("Give either --incident INC-42 or a text.")
    read_what_is_marked(clock.utcnow())
    described, basis = (_of_text(text or ""), Basis.DECLARED) if ref is None else _of_incident(ref)
    library = known_incidents()
    asking = prepare(described)
    matches = library.match(asking, basis=basis, limit=SHOWN, families=likenesses_of_all())
    compared_with = library.count_before(asking)
    # The command line is the administrator's: they may see everything.
    found = queries.all_incidents([match.incident_id for match in matches])
    rows = [_row(match, found[match.incident_id], described, compared_with) for match in matches]
    if as_json:
        print_json({"compared_with": compared_with, "matches": rows})
        return
    for row in rows:
        click.echo(f"{row['ref']}  {row['title']}  ({row['declared_on'] or 'day not known'}, {row['band']})")
        for reason in row["reasons"]:
            click.echo(f"    {reason}")
    if not rows:
        click.echo(f"Nothing resembles this; compared with {words.count(compared_with, 'incident')}.")


def _of_incident(ref: str) -> tuple[Described, Basis]:
    incident = queries.get_any_incident(ref)
    described = next(iter(described_incidents([incident.id])))
    return described, Basis.POSTMORTEM if described.cause_text.strip() else Basis.DECLARED


def _of_text(text: str) -> Described:
    title, _, summary = text.strip().partition("\n")
    return Described(id=0, moment=clock.utcnow(), title=title, summary=summary)


def _row(match: Match, incident: Incident, described: Described, compared_with: int) -> dict[str, Any]:
    shared = as_written(match, described)
    return {
        "ref": incident.ref,
        "title": incident.title,
        "declared_on": incident.dated_at.date().isoformat() if incident.dated_at else None,
        "band": match.band.value if match.band.is_alarm else "similar",
        "score": match.score,
        "reasons": reasons_of(match, shared, compared_with),
        "shared_terms": [{"term": term, "incidents": count} for term, count in shared],
    }


@click.group()
def recurrence() -> None:
    """What comes back."""


@recurrence.command("evaluate")
@click.argument("path", metavar="DATA.jsonl", type=click.Path(path_type=Path))
@click.option(
    "--test-from",
    default=0.6,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Score the queries after this share of them by time.",
)
@click.option(
    "--stage",
    default=Basis.DECLARED.value,
    show_default=True,
    type=click.Choice([basis.value for basis in Basis]),
    help="Compare what was declared, or the written causes too.",
)
@as_json
def evaluate_file(path: Path, test_from: float, stage: str, as_json: bool) -> None:
    """Measure how well repeats are found in a labelled file of reports (.jsonl or .jsonl.gz)."""
    rows = read_rows(path)
    if lost := not_to_be_found(rows):
        number = words.count(len(lost), "report")
        click.echo(f"{lost[0].where}: no earlier row is of its group. Counted as not found: {number}.", err=True)
    figures = evaluate(rows, test_from=test_from, basis=Basis(stage), progress=None if as_json else _with_bar)
    if not figures["queries"]:
        raise FollowthroughError(f"{path.name}: no row after {test_from:.0%} of the queries has duplicate_of.")
    if as_json:
        print_json(figures)
        return
    for name, value in _lines(figures):
        click.echo(f"{name:<34}{value}")


def _with_bar(numbers: Iterator[int], length: int) -> Iterator[int]:
    """A progress bar on a terminal, none in a pipe."""
    if not sys.stderr.isatty():
        yield from numbers
        return
    with click.progressbar(numbers, length=length, label="Comparing", file=sys.stderr) as bar:
        yield from bar


def _lines(figures: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield "queries", figures["queries"]
    intervals = figures["intervals_95"]
    for cut, value in figures["recall"].items():
        yield f"found among the first {cut}", _with_interval(value, intervals[f"recall_{cut}"])
    yield "mean reciprocal rank", _with_interval(figures["mrr"], intervals["mrr"])
    yield (
        f"older than 180 days ({figures['queries_over_180_days']}), first 10",
        _shown(figures["recall_10_over_180_days"]),
    )
    yield "alerts per 100 reports", _shown(figures["alerts_per_100"])
    precision = _with_interval(figures["precision"], intervals.get("precision"))
    yield "precision of alerts", f"{precision} ({figures['alerts']} alerts)"
    yield "repeats that were alerted", _with_interval(figures["alert_recall"], intervals["alert_recall"])
    for band, found in figures["bands"].items():
        yield (
            f"band: {band}",
            f"{found['reports']} reports, precision {_shown(found['precision'])}, recall {_shown(found['recall'])}",
        )
    for step in figures["calibration"]:
        yield (
            f"promised {step['promised']:.2f}",
            f"labelled the same {step['labelled']:.3f} of {step['reports']} reports",
        )


def _with_interval(value: float | None, interval: list[float] | None) -> str:
    return f"{_shown(value)} (95 %: {interval[0]:.3f} to {interval[1]:.3f})" if interval else _shown(value)


def _shown(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


COMMANDS: tuple[click.Command, ...] = (similar, recurrence, risk)
