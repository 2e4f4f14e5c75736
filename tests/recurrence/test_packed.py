"""The packed blocks of the index: changed in any order they are as if written at once, and their sums are right."""

from collections import defaultdict
from heapq import nlargest
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.recurrence.packed import (
    BLOCK,
    Calendar,
    block_of,
    count_earlier,
    days_with_changes,
    latest_earlier,
    place_of,
    strongest,
    unpack,
    with_changes,
)

TODAY, MOST, RECENT = 1_000, 40, 900
BARRED = frozenset({7, BLOCK + 7, 4 * BLOCK + 1})
IDS = range(1, 5 * BLOCK)

Postings = dict[int, int]
PLACES = st.integers(0, 9) | st.just(BLOCK - 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(PLACES, st.none() | st.integers(0, 255), min_size=1), min_size=2, max_size=6))
def test_postings_that_were_changed_are_as_if_they_were_written_at_once(changes: list[dict[int, int | None]]) -> None:
    packed, plain = b"", dict[int, int | None]()
    for change in changes:
        packed = with_changes(packed, change)
        plain |= change

    left = {place: impact for place, impact in plain.items() if impact is not None}
    assert packed == with_changes(b"", left)
    assert list(zip(*unpack(packed), strict=True)) == sorted(left.items())


def test_the_bytes_are_the_same_on_every_machine() -> None:
    days = days_with_changes(b"", {0: 20_000, 1: -1})

    assert with_changes(b"", {258: 7, 1: 255}) == b"\x01\x00\x02\x01\xff\x07"
    assert days is not None
    assert days.packed is not None
    assert days.packed[:12] == b"\x20\x4e\x00\x00\xff\xff\xff\xff\x00\x00\x00\x80"
    assert (days.incidents, days.first, days.last) == (2, -1, 20_000)


def test_a_block_that_everybody_left_has_no_days() -> None:
    days = days_with_changes(b"", {5: 3})
    assert days is not None

    assert days_with_changes(days.packed or b"", {5: -(2**31)}) is None


def written(random: Random) -> tuple[dict[int, int], list[tuple[int, Postings]], Calendar]:
    """Terms over five blocks: one all earlier, three with both, one all later; and a few of today that are not."""
    days = {one: random.choice((10, 950, TODAY, TODAY + 1)) for one in IDS}
    days |= {one: TODAY + 5 for one in IDS if block_of(one) == 2} | {one: 10 for one in IDS if block_of(one) == 0}
    of_block: dict[int, dict[int, int]] = defaultdict(dict)
    for one, day in days.items():
        of_block[block_of(one)][place_of(one)] = day
    terms = [
        (random.randint(1, 9), {one: random.randint(1, 4) for one in random.sample(IDS, size)})
        for size in (1, 30, 900, 4_000)
    ]
    packed_days = {block: days_with_changes(b"", changes) for block, changes in of_block.items()}
    return days, terms, Calendar({key: one for key, one in packed_days.items() if one}, TODAY, BARRED)


def packed(postings: Postings) -> dict[int, bytes]:
    of_block: dict[int, dict[int, int | None]] = defaultdict(dict)
    for one, impact in postings.items():
        of_block[block_of(one)][place_of(one)] = impact
    return {block: with_changes(b"", changes) for block, changes in of_block.items()}


def test_the_strongest_are_those_of_a_plain_sum() -> None:
    days, terms, calendar = written(Random(3))
    points: dict[int, int] = defaultdict(int)
    for weight, postings in terms:
        for one, impact in postings.items():
            if days[one] <= TODAY and one not in BARRED:
                points[one] += weight * impact
    recent = [one for one in points if days[one] >= RECENT]
    best = [nlargest(MOST, ids, key=lambda one: (points[one], -one)) for ids in (points, recent)]

    found = strongest([(weight, packed(one)) for weight, one in terms], calendar, most=MOST, since=RECENT)

    assert found == {one: points[one] for ids in best for one in ids}
    assert len(found) > MOST


def test_what_is_not_earlier_is_neither_counted_nor_among_the_latest() -> None:
    days, terms, calendar = written(Random(4))
    assert calendar.count() == sum(day <= TODAY and one not in BARRED for one, day in days.items())
    postings = terms[2][1] | dict.fromkeys(BARRED, 0)
    earlier = sorted(one for one in postings if days[one] <= TODAY and one not in BARRED)

    assert count_earlier(packed(postings), calendar) == len(earlier)
    assert latest_earlier(packed(postings), calendar, most=10) == earlier[:-11:-1]
