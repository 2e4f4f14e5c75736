"""Learn every weight of the comparison from labelled files. Needs numpy and scipy, which the application does not.

    python -m bench.recurrence.learn TITANIUM.jsonl.gz SEAMONKEY.jsonl.gz [--save]

Of the first file only the first 60 % of the queries by time are read, of the second all. Prints what becomes
tracker/recurrence/weights.json, whole, with the weights that no file can teach (``START``); ``--save`` writes it there.
"""

import argparse
import json
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from tracker.recurrence import weights
from tracker.recurrence.evaluation import OLD
from tracker.recurrence.labelled import read_rows
from tracker.recurrence.likeness import NAMES, Likeness, likeness
from tracker.recurrence.memory import Memory
from tracker.recurrence.prepared import Prepared, facts_of
from tracker.recurrence.question import Basis, Question, ask
from tracker.recurrence.standing import Candidate, standings

SHIPPED = Path(weights.__file__).with_name("weights.json")
TRAINED_UNTIL = 0.6
START = {"close_in_time": 0.5, "same_alert": 3.0, "same_cause": 1.5}
START_LIKELIHOOD = {"same_alert": 2.5, "same_cause": 1.5}
TIME = ("recency", "age", "close_in_time")
START_CAUSES = {"cause_share": 6.0, "cause_worth": 1.0, "cause_in_all": 2.0}
START_POSTMORTEM = {
    "base": -11.3,
    "lead": 0.6,
    "weight": {
        "cause_share": 3.0,
        "cause_worth": 1.0,
        "points_share": 1.3,
        "their_title": 0.7,
        "same_alert": 2.0,
        "same_cause": 1.5,
    },
}
WHERE_FROM = {
    "all": "written by bench/recurrence/learn.py from the first 60 % of titanium's queries and all of seamonkey",
    "declared.rank": "softmax over the candidates of each query; seamonkey's queries count three times, so that one"
    " project's habits are not all; what was last seen more than 180 days ago counts twice, for a team forgets it",
    "declared.likelihood": "logistic regression over the best match of each report, once with every earlier label as a"
    " decided family and once with half of them, for many a repeat is never decided; no weight below nothing; the base"
    " is then set so that 4.5 of 100 reports of the two files are alarmed on average, for labels are incomplete and"
    " the odds of a repeat differ from place to place; of 4, 4.5, 5 and 5.5 by GitHub's alarms, with labels in view",
    "close_in_time, same_alert, same_cause": "set by hand: bug reports have no alert and no cause, and are not declared"
    " twice within the hour. close_in_time came after a look at what was missed among GitHub's incidents, which are"
    " therefore no clean test of it; .5 is the most that costs seamonkey and titanium's first 60 % nothing",
    "postmortem": "declared.rank without time; the weights of the causes and the likelihood are set by hand, for no"
    " labelled data with causes may be learned from; the base so that five of a hundred of GitHub's incidents are"
    " alarmed, with their labels in view",
}
LEARNED = tuple(name for name in NAMES if name not in {*START, *START_CAUSES})
LIKELIHOOD = ("log_points", "title_worth", "all_worth", "family")
"""No shares: of a sentence that every incident begins with all is shared, and it is worth nothing."""
ALARMED = 0.045
"""The share of reports that is to be alarmed."""
HELD_BACK, HELD_BACK_LIKELIHOOD = 0.01, 0.002
"""How strongly weights are held to nothing (L2)."""
SECOND_COUNTS, OLD_COUNTS = 3.0, 2.0
EVERY = (40, 6)
"""Of each file's reports that are no query so many-th are looked at, and count as so many."""


@dataclass(frozen=True)
class Example:
    """One report: its candidates with their numbers and groups, which of them are right, and how much it counts."""

    question: Question
    documents: list[Prepared]
    groups: list[str]
    numbers: Any
    right: Any
    is_query: bool
    counts: float
    stands_for: float


def examples(path: Path, *, is_second: bool) -> list[Example]:
    rows, found = read_rows(path), list[Example]()
    queries = [number for number, row in enumerate(rows) if row.is_query]
    end = len(rows) if is_second else queries[int(len(queries) * TRAINED_UNTIL)]
    memory, groups, times = Memory(), dict[int, str](), Counter[str]()
    last, every = dict[str, datetime](), EVERY[is_second]
    for number, row in enumerate(rows[:end]):
        asking = replace(row.prepared, id=number)
        if row.is_query or number % every == 0:
            question = ask(asking, Basis.DECLARED, store=memory)
            documents, numbers = candidates(memory, question, groups=groups, times=times)
            if documents:
                theirs = [groups[one.id] for one in documents]
                right = np.array([bool(row.group) and group == row.group for group in theirs])
                is_old = row.is_query and asking.moment - last.get(row.group, asking.moment) > OLD
                counts = (SECOND_COUNTS if is_second else 1.0) * (OLD_COUNTS if is_old else 1.0)
                stands_for = 1.0 if row.is_query else float(every)
                found.append(Example(question, documents, theirs, numbers, right, row.is_query, counts, stands_for))
        memory.append(asking)
        groups[number] = row.group or row.name
        times[groups[number]] += 1
        if row.group:
            last[row.group] = asking.moment
    return found


def candidates(
    memory: Memory, question: Question, *, groups: dict[int, str], times: Counter[str]
) -> tuple[list[Prepared], Any]:
    asking = question.asking
    points = memory.strongest(question.searching, asking=asking)
    ids = points.keys() | memory.alike(sorted(facts_of(asking)), asking=asking)
    documents = memory.documents(set(ids), asking=asking)
    alike = [likeness(question, one, points=points.get(one.id, 0), times=times[groups[one.id]]) for one in documents]
    return documents, np.array([[getattr(one, name) for name in NAMES] for one in alike])


def columns(names: tuple[str, ...]) -> list[int]:
    return [NAMES.index(name) for name in names]


def learn_ranking(found: list[Example]) -> dict[str, float]:
    """Softmax over the candidates of each query that has a right one among them."""
    usable = [
        (one.numbers[:, columns(LEARNED)], one.right, one.counts) for one in found if one.is_query and one.right.any()
    ]
    every = np.vstack([numbers for numbers, _, _ in usable])
    middle, spread = every.mean(0), every.std(0) + 1e-9
    scaled = [((numbers - middle) / spread, right, counts) for numbers, right, counts in usable]
    whole = sum(counts for _, _, counts in usable)

    def loss(weight: Any) -> tuple[float, Any]:
        lost, slope = 0.0, np.zeros_like(weight)
        for numbers, right, counts in scaled:
            strength = np.exp(numbers @ weight - (numbers @ weight).max())
            wanted = strength * right / (strength * right).sum()
            lost -= counts * np.log((strength * right).sum() / strength.sum())
            slope -= counts * (numbers.T @ (wanted - strength / strength.sum()))
        return lost / whole + HELD_BACK * weight @ weight, slope / whole + 2 * HELD_BACK * weight

    weight = minimize(loss, np.zeros(len(LEARNED)), jac=True, method="L-BFGS-B").x / spread
    return rounded(LEARNED, weight)


def learn_likelihood(files: list[list[Example]], rank: dict[str, float]) -> dict[str, Any]:
    """Whether the best match is right, by its likeness and its lead over the next best."""
    found = [(one, told) for told in (every_group, half_of_the_groups) for file in files for one in file]
    best = [best_of(one, rank, is_told=told) for one, told in found]
    every = np.array([numbers[0] for numbers, _ in best])
    wanted = np.array([is_right for _, is_right in best])
    count_of = np.array([one.stands_for for one, _ in found])
    middle, spread = every.mean(0), every.std(0) + 1e-9
    scaled = (every - middle) / spread

    def loss(given: Any) -> tuple[float, Any]:
        odds = given[0] + scaled @ given[1:]
        lost = (count_of * (np.logaddexp(0, odds) - wanted * odds)).sum() / count_of.sum()
        wrong = count_of * (1 / (1 + np.exp(-odds)) - wanted) / count_of.sum()
        held = HELD_BACK_LIKELIHOOD * given[1:] @ given[1:]
        slope = scaled.T @ wrong + 2 * HELD_BACK_LIKELIHOOD * given[1:]
        return lost + held, np.concatenate([[wrong.sum()], slope])

    bounds = [(None, None)] + [(0.0, None)] * every.shape[1]
    learned = minimize(loss, np.zeros(every.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x[1:] / spread
    weight = rounded((*LIKELIHOOD, "lead"), learned)
    odds = np.array([(numbers @ learned).max() for numbers, _ in best])
    return {
        "base": base_for(odds, files, share=ALARMED),
        "lead": weight.pop("lead"),
        "weight": weight | START_LIKELIHOOD,
    }


def every_group(group: str) -> bool:
    return bool(group)


def half_of_the_groups(group: str) -> bool:
    """The same half each time."""
    return zlib.crc32(group.encode()) % 2 == 0


def best_of(one: Example, rank: dict[str, float], *, is_told: Callable[[str], bool]) -> tuple[Any, float]:
    """The numbers of the best match with its lead, then of who may speak for it; and whether it is right.

    Only of the groups that are told it is known that their members are of one family.
    """
    told = np.array([is_told(group) for group in one.groups])
    numbers = one.numbers.copy()
    numbers[~told, NAMES.index("family")] = 0.0
    strength = numbers[:, columns(tuple(rank))] @ np.array(list(rank.values()))
    nearest = np.argsort(-strength, kind="stable")[: weights.LOOKED_AT]
    ranked = [Candidate(one.documents[at], Likeness(*numbers[at]), float(strength[at])) for at in nearest]
    families = {one.documents[at].id: one.groups[at] for at in nearest if told[at]}
    found = standings(one.question, ranked[0], ranked=ranked, families=families, formula=rank)
    values = [[*(getattr(each.alike, name) for name in LIKELIHOOD), each.lead] for each in found]
    return np.array(values), float(one.right[nearest[0]])


def base_for(odds: Any, files: list[list[Example]], *, share: float) -> float:
    """The base with which this share of the reports is called likely enough to be told, each file counting the same.

    The odds are of every report of the files, so many times over as it was asked in another way.
    """
    once = np.concatenate([shares_of(file) for file in files]) / len(files)
    often = len(odds) // len(once)
    counts = np.tile(once, often) / often
    order = np.argsort(-odds, kind="stable")
    level = odds[order][np.searchsorted(np.cumsum(counts[order]), share)]
    return round(float(np.log(weights.POSSIBLY_FROM / (1 - weights.POSSIBLY_FROM)) - level), 2)


def shares_of(file: list[Example]) -> Any:
    counts = np.array([one.stands_for for one in file])
    return counts / counts.sum()


def rounded(names: tuple[str, ...], values: Any) -> dict[str, float]:
    return dict(zip(names, np.round(values, 2).tolist(), strict=True))


def learn(files: list[list[Example]]) -> dict[str, Any]:
    """The formulas of both stages, from the examples of each file."""
    learned = learn_ranking([one for file in files for one in file])
    rank = learned | START
    of_causes = {name: weight for name, weight in rank.items() if name not in TIME} | START_CAUSES
    return {
        "declared": {"rank": rank, "likelihood": learn_likelihood(files, rank)},
        "postmortem": {"rank": of_causes, "likelihood": START_POSTMORTEM},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    with ProcessPoolExecutor(2) as pool:
        jobs = [
            pool.submit(examples, given.first, is_second=False),
            pool.submit(examples, given.second, is_second=True),
        ]
        files = [job.result() for job in jobs]
    learned = {"where_from": WHERE_FROM} | learn(files)
    print(json.dumps(learned, indent=2))
    if given.save:
        SHIPPED.write_text(json.dumps(learned, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
