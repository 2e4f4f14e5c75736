"""What was measured, and how it is told."""

from dataclasses import dataclass
from statistics import median

from bench.load.people import Kind, Noted

PAUSE = 5.0
"""Seconds between two clicks of somebody who also reads what they opened."""


@dataclass
class Phase:
    """What 50 people got in some time."""

    notes: list[Noted]
    seconds: float
    processor: float
    """Seconds of processor time that the server took."""

    def times(self, *kinds: Kind) -> list[float]:
        return sorted(one for noted in self.notes for kind in kinds or Kind for one in noted.times[kind])

    @property
    def each_second(self) -> float:
        return len(self.times()) / self.seconds

    @property
    def processor_each(self) -> float:
        """Milliseconds of processor time for one answer."""
        return 1000 * self.processor / len(self.times())


def joined(phases: list[Phase]) -> Phase:
    notes = [noted for phase in phases for noted in phase.notes]
    return Phase(notes, sum(one.seconds for one in phases), sum(one.processor for one in phases))


@dataclass(frozen=True)
class Found:
    """The day on one database."""

    name: str
    bare: Phase
    day: Phase
    unhurried: Phase
    killed: Phase
    kills: int
    wrong: list[str]

    @property
    def phases(self) -> tuple[Phase, ...]:
        return self.bare, self.day, self.unhurried, self.killed

    @property
    def notes(self) -> list[Noted]:
        return [noted for phase in self.phases for noted in phase.notes]


def in_hundred(times: list[float], share: float) -> str:
    return f"{times[int(len(times) * share)]:,.0f}" if times else "none"


def line_of(name: str, times: list[float], *, each_second: str = "", processor: str = "") -> str:
    cells = (name, f"{len(times):,}", each_second, processor, in_hundred(times, 0.5), in_hundred(times, 0.95))
    return f"| {' | '.join(cells)} | {in_hundred(times, 0.99)} |"


def phase_line(name: str, phase: Phase) -> str:
    processor = f"{phase.processor_each:.1f}"
    return line_of(name, phase.times(), each_second=f"{phase.each_second:.0f}", processor=processor)


def chapter(found: Found) -> str:
    written = (Kind.ITEM, Kind.POSTMORTEM)
    parts = [len(found.day.times(kind)) / len(found.day.times()) for kind in (Kind.READ, *written)]
    ratio = median(found.day.times()) / median(found.bare.times())
    costs = (
        f"One answer of the day costs **{found.day.processor_each / found.bare.processor_each:.1f} times** the bare "
        f"view in processor time of the server and takes {ratio:.1f} times as long by the clock; there are "
        f"{found.bare.each_second / found.day.each_second:.1f} times fewer a second. "
        f"{' / '.join(f'{100 * part:.0f} %' for part in parts)} of them are reads / item changes / postmortem saves."
    )
    lines = [
        f"## {found.name}",
        "",
        costs,
        "",
        "| 50 people | answers | a second | processor, ms each | ms: half under | 95 % under | 99 % under |",
        "|---|---:|---:|---:|---:|---:|---:|",
        phase_line("bare view, without a pause", found.bare),
        phase_line("the day, without a pause", found.day),
        *(line_of(f"- {kind}", found.day.times(kind)) for kind in (Kind.READ, *written)),
        phase_line(f"the day, a click every {PAUSE:.0f} s", found.unhurried),
        *(line_of(f"- {kind}", found.unhurried.times(kind)) for kind in (Kind.READ, *written)),
        "",
        kept(found),
    ]
    return "\n".join([*lines, *(f"- {one}" for one in found.wrong[:20])]) + "\n"


def kept(found: Found) -> str:
    """What became of the writes."""
    noted, killed = found.notes, found.killed.notes
    sentences = (
        f"{sum(len(one.acknowledged) for one in noted):,} writes were acknowledged,",
        f"{sum(len(one.refused) for one in noted):,} refused because somebody else had saved first.",
        f"While the server was killed {found.kills} times:",
        f"{sum(len(one.acknowledged) for one in killed):,} acknowledged, {sum(one.cut_off for one in killed)} requests",
        f"cut off, {sum(len(one.unanswered) for one in killed)} of them writes.",
        "" if found.wrong else "No error; every acknowledged write is there once, and no refused one is.",
    )
    return " ".join(sentences).strip()
