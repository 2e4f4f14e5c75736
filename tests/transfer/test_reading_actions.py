"""Action items are read in every form that people write them in, and nothing else is taken for one."""

from datetime import date

import pytest

from tracker.transfer.reading import read_postmortem
from tracker.transfer.tickets import ticket_refs
from tracker.transfer.values import ActionPromise


def items(text: str, *, heading: str = "## Action items") -> tuple[ActionPromise, ...]:
    return read_postmortem(f"# Title\n\n{heading}\n\n{text}\n".encode(), name="x.md").actions


def item(text: str, *, heading: str = "## Action items") -> ActionPromise:
    (only,) = items(text, heading=heading)
    return only


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "- Setup alerts for when logs are not shipped - consider both (issue created)",
            "Setup alerts for when logs are not shipped - consider both (issue created)",
        ),
        (
            "- Before retrying, ensure it is not reverted: [#11134]",
            "Before retrying, ensure it is not reverted: [#11134]",
        ),
        (
            "- [ ] https://github.com/2i2c-org/infrastructure/issues/6477",
            "https://github.com/2i2c-org/infrastructure/issues/6477",
        ),
        ("- #2127", "#2127"),
        ("* Deploy", "Deploy"),
        ("1. Deploy", "Deploy"),
        ("2) Deploy", "Deploy"),
        ("- [] File an issue for the cache", "File an issue for the cache"),
        ("- [*] Deploy", "Deploy"),
        ("- **Deploy**", "Deploy"),
        ("Deploy the fix to all regions", "Deploy the fix to all regions"),
    ],
)
def test_an_item_keeps_its_words(text: str, title: str) -> None:
    assert item(text).title == title


@pytest.mark.parametrize(
    ("text", "is_done"),
    [
        ("- [ ] A task", False),
        ("- [x] A task", True),
        ("- [X] A task", True),
        ("- [*] A task", True),
        ("- [] A task", False),
        ("- A task", False),
        ("1. Emails go out when the site is down (DONE)", True),
        ("- ~~A task that is over~~", True),
        ("- Get it done by machine", False),
        ("- A task (issue created)", False),
    ],
)
def test_an_item_is_done_where_the_text_says_so(text: str, is_done: bool) -> None:
    assert item(text).is_done is is_done


def test_a_stated_state_leaves_the_title_and_the_whole_text_stays_in_the_detail() -> None:
    read = item("1. Make sure that everybody gets emailed when the site goes down (DONE)")

    assert (read.title, read.state_text) == ("Make sure that everybody gets emailed when the site goes down", "DONE")
    assert read.detail == "Make sure that everybody gets emailed when the site goes down (DONE)"


def test_a_bold_lead_is_the_title_and_the_rest_the_detail() -> None:
    read = item(
        "- **Separate the node groups**: Will allow more organic scheduling.\n  Second line.\n\n  Second paragraph."
    )

    assert read.title == "Separate the node groups"
    assert read.detail == "Will allow more organic scheduling. Second line.\n\nSecond paragraph."


def test_a_stated_priority_is_kept_apart() -> None:
    read = item("- **HIGH** Include crate downloads in the smoke test plan")

    assert (read.title, read.priority_text) == ("Include crate downloads in the smoke test plan", "HIGH")


def test_a_heading_can_be_an_item() -> None:
    read = item("### 2) Better alerting on CPU load `@dma` [detect]\n\nLike this.")

    assert (read.title, read.owner_text, read.kind_hint) == (
        "2) Better alerting on CPU load `@dma` [detect]",
        "@dma",
        "detect",
    )
    assert read.detail == "Like this."


def test_headings_above_lists_are_groups() -> None:
    read = items("### Process improvements\n\n1. Write it down\n\n### Technical improvements\n\n1. Build it\n2. Run it")

    assert [one.title for one in read] == ["Write it down", "Build it", "Run it"]


def test_a_table_is_read_by_the_names_of_its_columns() -> None:
    read = item("| Due | Status | Owner | Action |\n|---|---|---|---|\n| Jul 17, 2023 | To Do | Ana | Bind Redis |")

    assert read.title == "Bind Redis"
    assert (read.owner_text, read.due_text, read.due_on) == ("Ana", "Jul 17, 2023", date(2023, 7, 17))
    assert (read.state_text, read.is_done) == ("To Do", False)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("- Deploy (owner: Ana Lund)", "Ana Lund"),
        ("- Deploy, assigned to Ana", "Ana"),
        ("- @ana: deploy", "@ana"),
        ("- Deploy `@dma`", "@dma"),
        ("- Rasmus deploys it", ""),
        ("- Discuss GitOps (Rasmus call for meeting)", ""),
        ("- Ask @ana about the cache first", ""),
    ],
)
def test_an_owner_is_taken_only_where_one_is_named(text: str, owner: str) -> None:
    assert item(text).owner_text == owner


def test_names_in_brackets_are_owners_only_where_the_heading_says_so() -> None:
    assert (
        item("* App review needs 3 reviewers [Jerry]", heading="## Corrective Actions with Owners").owner_text
        == "Jerry"
    )
    assert item("* App review needs 3 reviewers [Jerry]").owner_text == ""


def test_a_due_date_is_taken_only_where_one_is_stated() -> None:
    assert item("- Deploy, due 2026-12-01").due_on == date(2026, 12, 1)
    assert item("- Deploy, due soon").due_on is None
    assert item("- Deploy what broke on 2026-12-01").due_text == ""


@pytest.mark.parametrize(
    "text",
    [
        "These are only sample subheadings.",
        "1. {{ summary }} [link to github issue]",
        "N/A",
        "- N/A",
        "None.",
        "-",
        "- TBD",
        "- {{summary}}",
        "- [x] Incident title and after-action report is cleaned up",
        "- [ ] Sections above are filled out",
        "- [ ] Incident has been dealt with or is over",
        "<!-- - a hidden example -->",
    ],
)
def test_what_is_no_action_item_becomes_none(text: str) -> None:
    assert items(text) == ()


def test_words_in_template_braces_are_an_item() -> None:
    assert item("1. {{ Enabling logging across all hubs }}").title == "{{ Enabling logging across all hubs }}"


@pytest.mark.parametrize(
    "text",
    [
        "CVE-2021-44228",
        "SHA-256",
        "UTF-8",
        "PR-158",
        "#ask-cloud-platform",
        "&#39;",
        "PR #428",
        "https://example.org/page#12",
        "v1-2",
        "https://github.com/octo/harbour",
        "[here](https://github.com/octo/harbour/pull/9)",
    ],
)
def test_what_only_looks_like_a_ticket_is_none(text: str) -> None:
    assert ticket_refs(f"Look at {text} again", definitions={}) == ()


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("Fix [#528](https://github.com/o/r/pull/528)", ("https://github.com/o/r/pull/528",)),
        ("Fix ([issue][metrics])", ("https://github.com/o/r/issues/3",)),
        ("Fix: [#11134]", ("https://github.com/o/r/issues/11134",)),
        ("Fix #2127 and octo/harbour#7", ("#2127", "octo/harbour#7")),
        ("See <https://github.com/o/r/issues/89>.", ("https://github.com/o/r/issues/89",)),
        (
            "See https://jira.example.org/browse/DH-259, and DH-260",
            ("https://jira.example.org/browse/DH-259", "DH-260"),
        ),
    ],
)
def test_tickets_are_found_once_each_with_their_address(text: str, refs: tuple[str, ...]) -> None:
    definitions = {"metrics": "https://github.com/o/r/issues/3", "#11134": "https://github.com/o/r/issues/11134"}

    assert ticket_refs(text, definitions=definitions) == refs


def test_nested_points_belong_to_their_item() -> None:
    read = items("- Hold a retrospective\n  - https://github.com/o/r/issues/1\n- Next\n\n  More about it.")

    assert [one.title for one in read] == ["Hold a retrospective", "Next"]
    assert read[0].detail == "- https://github.com/o/r/issues/1"
    assert read[1].detail == "More about it."
