"""The radar as CSV: each figure with its base, over twelve months and by quarter. Counts, never a percentage."""

from collections.abc import Iterator

from tracker.reports.radar import Radar
from tracker.spreadsheets import csv_line

HEADER = ("part", "figure", "which", "number", "of")


def csv_lines(radar: Radar) -> Iterator[str]:
    yield csv_line(HEADER)
    figures = {
        "hero-share": radar.heroes,
        "blame-rate": radar.blame,
        "skipped-share": radar.skipped,
        "owed-share": radar.owed,
    }
    for key, blip in figures.items():
        yield csv_line(("twelve months", key, "", blip.share.part, blip.share.whole))
        for quarter, share in blip.quarters:
            yield csv_line(("quarter", key, quarter, share.part, share.whole))
    for line in radar.services:
        yield csv_line(("service", "hero-share", line.name, line.share.part, line.share.whole))
    for one in radar.blaming:
        yield csv_line(("case", "blame-rate", f"{one.ref} {one.title}", "", ""))
