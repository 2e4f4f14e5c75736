"""Learn the weights of the ranking from labelled files. Needs numpy and scipy, which the application does not.

    python bench/recurrence/learn.py TITANIUM.jsonl.gz SEAMONKEY.jsonl.gz

Of the first file only the first 60 % of the queries by time are read, of the second all. Prints the ranking's weights
and the likelihood's as JSON; they are copied by hand into tracker/recurrence/weights.json, whose `where_from` says
what was changed on the way and which weights are not learned.
"""

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from scipy.optimize import minimize

from tracker.recurrence.labelled import Labelled, read_rows
from tracker.recurrence.likeness import NAMES, likeness
from tracker.recurrence.memory import Memory
from tracker.recurrence.prepared import facts_of
from tracker.recurrence.question import Basis, ask

TRAINED_UNTIL = 0.6
NOT_LEARNED = {
    "close_in_time", "same_alert", "same_cause", "cause_share", "cause_in_all", "cause_worth",
}  # fmt: skip
COLUMNS = [name for name in NAMES if name not in NOT_LEARNED]
LIKELIHOOD = [
    "points_share", "title_in_title", "their_title", "pair_worth", "title_worth", "all_worth", "family",
]  # fmt: skip
HELD_BACK, HELD_BACK_LIKELIHOOD = 0.01, 0.002
"""How strongly weights are held to nothing (L2)."""
EVERY, MOST_MARGIN = 12, 6.0
"""Of the reports that are no query every twelfth is looked at, and counts twelve times."""

Example = tuple[Any, Any, float]
"""The candidates' numbers, which of them are of the right group, and how many reports this one stands for."""


def examples(rows: list[Labelled], *, until: float) -> list[Example]:
    queries = [number for number, row in enumerate(rows) if row.is_query]
    end = queries[int(len(queries) * until)] if until < 1 else len(rows)
    memory, groups, times, found = Memory(), dict[int, str](), Counter[str](), list[Example]()
    for number, row in enumerate(rows[:end]):
        asking = replace(row.prepared, id=number)
        if row.is_query or number % EVERY == 0:
            question = ask(asking, Basis.DECLARED, store=memory)
            points = memory.strongest(question.searching, asking=asking)
            ids = points.keys() | memory.alike(sorted(facts_of(asking)), asking=asking)
            numbers, right = [], []
            for one in memory.documents(set(ids), asking=asking):
                family = groups[one.id]
                alike = likeness(question, one, points=points.get(one.id, 0), times=times[family])
                numbers.append([getattr(alike, name) for name in COLUMNS])
                right.append(bool(row.group) and family == row.group)
            if numbers:
                found.append((np.array(numbers), np.array(right), 1.0 if row.is_query else float(EVERY)))
        memory.append(asking)
        groups[number] = row.group or row.name
        times[groups[number]] += 1
    return found


def learn_ranking(found: list[Example]) -> Any:
    """Softmax over the candidates of each query that has a right one among them."""
    usable = [(numbers, right) for numbers, right, _ in found if right.any()]
    every = np.vstack([numbers for numbers, _ in usable])
    middle, spread = every.mean(0), every.std(0) + 1e-9
    scaled = [((numbers - middle) / spread, right) for numbers, right in usable]

    def loss(weight: Any) -> tuple[float, Any]:
        whole, slope = 0.0, np.zeros_like(weight)
        for numbers, right in scaled:
            strength = np.exp(numbers @ weight - (numbers @ weight).max())
            wanted = strength * right / (strength * right).sum()
            whole -= np.log((strength * right).sum() / strength.sum())
            slope -= numbers.T @ (wanted - strength / strength.sum())
        held = HELD_BACK * weight @ weight
        return whole / len(scaled) + held, slope / len(scaled) + 2 * HELD_BACK * weight

    return minimize(loss, np.zeros(len(COLUMNS)), jac=True, method="L-BFGS-B").x / spread


def learn_likelihood(found: list[Example], weight: Any) -> tuple[float, Any]:
    """Whether the best match is right, by its likeness and its lead over the next one."""
    rows, right, counts = [], [], []
    columns = [COLUMNS.index(name) for name in LIKELIHOOD]
    for numbers, is_right, count in found:
        strength = numbers @ weight
        order = np.argsort(-strength, kind="stable")
        rivals = [at for at in order[1:] if not (is_right[order[0]] and is_right[at])]
        lead = strength[order[0]] - strength[rivals[0]] if rivals else MOST_MARGIN
        rows.append([*numbers[order[0], columns], min(MOST_MARGIN, lead)])
        right.append(float(is_right[order[0]]))
        counts.append(count)
    every, wanted, count_of = np.array(rows), np.array(right), np.array(counts)
    middle, spread = every.mean(0), every.std(0) + 1e-9
    scaled = (every - middle) / spread

    def loss(given: Any) -> tuple[float, Any]:
        odds = given[0] + scaled @ given[1:]
        whole = (count_of * (np.logaddexp(0, odds) - wanted * odds)).sum() / count_of.sum()
        wrong = count_of * (1 / (1 + np.exp(-odds)) - wanted) / count_of.sum()
        held = HELD_BACK_LIKELIHOOD * given[1:] @ given[1:]
        slope = scaled.T @ wrong + 2 * HELD_BACK_LIKELIHOOD * given[1:]
        return whole + held, np.concatenate([[wrong.sum()], slope])

    best = minimize(loss, np.zeros(len(LIKELIHOOD) + 2), jac=True, method="L-BFGS-B").x
    return float(best[0] - (best[1:] * middle / spread).sum()), best[1:] / spread


def main() -> None:
    first, second = (read_rows(Path(name)) for name in sys.argv[1:3])
    found = examples(first, until=TRAINED_UNTIL) + examples(second, until=1)
    weight = learn_ranking(found)
    base, likelihood = learn_likelihood(found, weight)
    learned = {
        "rank": dict(zip(COLUMNS, np.round(weight, 3).tolist(), strict=True)),
        "likelihood": {
            "base": round(base, 2),
            "weight": dict(zip([*LIKELIHOOD, "margin"], np.round(likelihood, 3).tolist(), strict=True)),
        },
    }
    print(json.dumps(learned, indent=2))


if __name__ == "__main__":
    main()
