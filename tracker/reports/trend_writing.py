"""The trends as CSV: one line a figure, with its base."""

from collections.abc import Iterator

from tracker.reports.spreads import Spread
from tracker.reports.trends import Step, Trends
from tracker.spreadsheets import csv_line

HEADER = ("part", "figure", "month", "number", "of", "median_seconds", "ninetieth_seconds", "unknown")


def csv_lines(trends: Trends) -> Iterator[str]:
    yield csv_line(HEADER)
    for step in trends.steps:
        yield csv_line(_step(step))
    yield csv_line(("funnel", "declined", "", trends.declined, _items(trends), "", "", ""))
    for key, _name, spread in trends.times:
        yield csv_line(("times", key, "", len(spread.cases), "", *_spread(spread)))
    for name, number in trends.ages:
        yield csv_line(("open items", name, "", number, trends.open_items.all, "", "", ""))
    for line in trends.months:
        month = line.month.key
        yield csv_line(("months", "incidents", month, line.incidents, "", "", "", ""))
        yield csv_line(("months", "came-back", month, line.came_back, line.incidents, "", "", ""))
        yield csv_line(("months", "items", month, line.items, "", "", "", ""))
        yield csv_line(("months", "items-on-time", month, line.items_due.part, line.items_due.whole, "", "", ""))
        due = line.postmortems_due
        yield csv_line(("months", "postmortems-on-time", month, due.part, due.whole, "", "", ""))
        yield csv_line(("months", "resolve", month, len(line.resolve.cases), "", *_spread(line.resolve)))


def _items(trends: Trends) -> int:
    return next(step.count for step in trends.steps if step.key == "items")


def _step(step: Step) -> tuple[object, ...]:
    return ("funnel", step.key, "", step.count, step.whole, *(_spread(step.took) if step.took else ("", "", "")))


def _spread(spread: Spread) -> tuple[object, ...]:
    return (spread.median, spread.ninetieth, spread.unknown)
