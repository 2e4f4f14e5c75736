"""The comparison itself: values in, ranked matches with reasons out."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.recurrence import weights
from tracker.recurrence.memory import Memory
from tracker.recurrence.similarity import Band, Basis, Described, Library, prepare
from tracker.recurrence.terms import marked, terms_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def described(number: int, title: str, **columns: object) -> Described:
    values: dict[str, object] = {"id": number, "moment": START + timedelta(days=number), "title": title} | columns
    return Described(**values)  # type: ignore[arg-type]


def library(*found: Described) -> Library:
    return Library(prepare(one) for one in found)


NOISE = tuple(described(number, f"Widget {word} is broken") for number, word in enumerate(("alpha", "bravo", "delta")))


def test_rare_words_count_and_common_ones_do_not() -> None:
    known = library(*NOISE, described(10, "Widget pgbouncer exhausted"))

    ranking = known.rank(prepare(described(20, "Widget: pgbouncer again")))

    assert ranking[0] == 10


def test_only_what_is_earlier_is_found() -> None:
    known = library(described(1, "pgbouncer exhausted"), described(9, "pgbouncer exhausted"))

    assert known.rank(prepare(described(5, "pgbouncer exhausted"))) == [1]


def test_what_comes_later_changes_no_earlier_answer() -> None:
    asking = prepare(described(5, "pgbouncer exhausted", services=frozenset({"Checkout"})))
    past = (*NOISE, described(4, "pgbouncer dry", services=frozenset({"Checkout"})))
    future = tuple(described(50 + n, "pgbouncer", services=frozenset({"Checkout"})) for n in range(5))

    assert library(*past).match(asking) == library(*past, *future).match(asking)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"services": frozenset({"Checkout"})}, "same service: Checkout"),
        ({"alert": "Ref-Update  lag"}, "same alert: ref-update lag"),
        ({"cause_category": "traffic spike"}, "same cause: traffic spike"),
    ],
)
def test_equal_facts_are_reasons(columns: dict[str, object], reason: str) -> None:
    known = library(*NOISE, described(10, "Zulu yankee", **columns))

    best = known.match(prepare(described(20, "Yankee foxtrot", **columns)))[0]

    assert (best.incident_id, reason in best.reasons) == (10, True)


def test_what_is_not_known_is_equal_to_nothing() -> None:
    best = library(*NOISE, described(10, "Zulu yankee")).match(prepare(described(20, "Yankee foxtrot")))[0]

    assert best.reasons == ()


def test_the_same_words_again_are_likelier_than_a_few() -> None:
    text = "pgbouncer pool exhausted by ledger migration locks"
    known = library(*NOISE, described(10, text))

    again, few = (known.match(prepare(described(20, title)))[0] for title in (text, "pool party"))

    assert again.score > few.score
    assert again.band.is_alarm
    assert not few.band.is_alarm


def test_a_relative_is_no_rival() -> None:
    known = library(
        *NOISE, described(10, "pgbouncer pool exhausted today"), described(11, "ledger migration locks held")
    )
    asking = prepare(described(20, "pgbouncer pool exhausted, ledger migration locks"))

    strangers, family = known.match(asking)[0], known.match(asking, families={10: 1, 11: 1})[0]

    assert family.score > strangers.score


def test_the_fourth_time_is_heard_though_nobody_decided_about_the_others() -> None:
    text = "pgbouncer pool exhausted by ledger migration locks"
    asking = prepare(described(60, text))

    often = library(*NOISE, *(described(50 + n, text) for n in range(3)))

    assert often.match(asking)[0].band.is_alarm


CHECKOUT = frozenset({"Checkout"})
TOLD_AGAIN = {
    "the same text": ("pgbouncer pool exhausted by ledger locks", ("pgbouncer pool exhausted by ledger locks",) * 8),
    "other words": (
        "Checkout answers 503 again during the nightly export",
        (
            "Checkout answers 503 while the nightly export runs",
            "503 from checkout during the export at night",
            "Checkout: nightly export makes it answer 503",
        ),
    ),
    "more of it": (
        "Certificate of the mail gateway expired",
        (
            "Mail gateway certificate expired",
            "The certificate of the mail gateway is expired, renewal job never ran",
            "Mail gateway: certificate expired on Sunday",
            "Expired certificate on the gateway for mail",
        ),
    ),
}


def likelihoods(asking: str, told: tuple[str, ...], *, others: int, family: int | None = None) -> list[float]:
    """Of the best match, when the first one happened before, then the first two, and so on."""
    past = [described(80 + number, title, services=CHECKOUT) for number, title in enumerate(told)]
    noise = [described(number, f"Widget {number} shows error x{number}y of checkout") for number in range(others)]
    question, found = prepare(described(120, asking, services=CHECKOUT)), []
    for often in range(1, len(past) + 1):
        families = {one.id: family for one in past[:often] if family is not None}
        found.append(library(*noise, *past[:often]).match(question, families=families)[0].score)
    return found


@pytest.mark.parametrize("others", [0, 8, 60])
@pytest.mark.parametrize("told", TOLD_AGAIN)
def test_another_time_that_nobody_decided_about_makes_no_alarm_quieter(told: str, others: int) -> None:
    undecided = likelihoods(*TOLD_AGAIN[told], others=others)
    decided = likelihoods(*TOLD_AGAIN[told], others=others, family=1)

    assert undecided == sorted(undecided)
    assert decided == sorted(set(decided))
    assert decided[-1] > 1.5 * undecided[-1]


def test_a_copy_of_any_earlier_incident_makes_no_alarm_quieter() -> None:
    texts = [*(text for asking, told in TOLD_AGAIN.values() for text in (asking, *told)), "Checkout down, export runs"]
    history = [described(number, text, services=CHECKOUT) for number, text in enumerate(texts, start=1)]

    for asked in texts:
        question = prepare(described(120, asked, services=CHECKOUT))
        best = library(*history).match(question)[0]
        copy = described(100, texts[best.incident_id - 1], services=CHECKOUT)
        assert library(*history, copy).match(question)[0].score >= best.score


def test_the_second_of_two_incidents_is_heard_in_other_words() -> None:
    checkout = frozenset({"Checkout"})
    first = described(1, "Checkout answers 503 while the nightly export runs", services=checkout)

    (found,) = library(first).match(
        prepare(described(2, "Checkout answers 503 again during the nightly export", services=checkout))
    )

    assert found.band.is_alarm


def test_the_phrases_that_every_incident_begins_with_are_no_alarm() -> None:
    services = ("Actions", "Codespaces", "Packages", "Webhooks", "Pages")
    begun = [
        described(
            10 + 3 * number,
            f"Incident with {services[number % 5]}",
            summary=f"We are investigating reports of degraded performance for {services[number % 5]}.",
            services=frozenset({services[number % 5]}),
        )
        for number in range(60)
    ]

    best = library(*begun[:-1]).match(prepare(begun[-1]))[0]

    assert best.incident_id == begun[-6].id
    assert not best.band.is_alarm


def test_the_recent_comes_before_the_old_until_the_causes_are_known() -> None:
    cause = {"root_cause": "vacuum never reached the audit table"}
    old, recent = described(4, "pgbouncer exhausted", **cause), described(300, "pgbouncer exhausted")
    asking = prepare(described(310, "pgbouncer exhausted", **cause))

    found = [library(*NOISE, old, recent).rank(asking, basis=basis)[0] for basis in Basis]

    assert found == [300, 4]


def test_what_has_no_words_resembles_nothing() -> None:
    assert library(*NOISE).match(prepare(described(20, "the 2026-11-23 12345"))) == []


def test_the_first_incident_of_all_resembles_nothing() -> None:
    assert Library().match(prepare(described(1, "pgbouncer exhausted"))) == []


def test_only_what_is_latest_is_appended() -> None:
    known = Memory([prepare(described(10, "pgbouncer"))])

    with pytest.raises(ValueError, match="later than everything"):
        known.append(prepare(described(5, "earlier")))

    assert known.count_before(prepare(described(90, "later"))) == 1


def test_appending_is_the_same_as_building_anew() -> None:
    every = (*NOISE, described(10, "pgbouncer exhausted"), described(11, "pgbouncer dry"))
    asking = prepare(described(20, "pgbouncer"))
    grown = Memory()
    for one in every:
        grown.append(prepare(one))

    assert Library(grown).match(asking) == library(*reversed(every)).match(asking)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("maxReplicaCount", {"max", "replica", "count", "maxreplicacount"}),
        ("kube-state-metrics", {"kube", "stat", "metric", "kube-state-metrics"}),
        ("WebViews", {"web", "view", "webview"}),
        ("dropped dropping drops", {"drop"}),
        ("503 and 12345 on 2026-11-23", {"503"}),
        ("deadbeef1234567 https://example.com/pgbouncer", set()),
        ("the is a", set()),
        ("データベース", {"デー", "ータ", "タベ", "ベー", "ース"}),
        ("", set()),
    ],
)
def test_texts_become_terms(text: str, terms: set[str]) -> None:
    assert set(terms_of(text)) == terms


@pytest.mark.parametrize(
    "text",
    ["\x00", "\ud800", "́" * 5_000, "a" * 500_000, "_" * 100_000, "'" * 100_000, "a.b" * 60_000, "http://" * 20_000],
)
def test_any_text_at_all_is_read_in_a_moment(text: str) -> None:
    before = datetime.now(UTC)

    prepare(described(1, text, summary=text, root_cause=text))

    assert datetime.now(UTC) - before < timedelta(seconds=5)


def test_the_same_text_a_thousand_times_is_found_and_looked_at_only_so_often() -> None:
    every = library(*(described(number, "The pool is exhausted") for number in range(1_000)))

    ranking, (best,) = every.measure(prepare(described(1_001, "The pool is exhausted")))

    assert 0 < len(ranking) <= 2 * weights.CANDIDATES
    assert (best.incident_id, best.band) == (999, Band.BELOW)


def test_shared_words_are_marked_as_they_are_written() -> None:
    pieces = marked("Locks held; LOCKED again, unlocked.", shared=frozenset({"lock"}))

    assert [piece for piece, is_shared in pieces if is_shared] == ["Locks", "LOCKED"]
    assert "".join(piece for piece, _ in pieces) == "Locks held; LOCKED again, unlocked."
