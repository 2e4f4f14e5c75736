"""Headings, containers and Markdown of every shape come to the questions they answer; the rest stays in the notes."""

import pytest

from tracker.transfer.headings import kind_of
from tracker.transfer.keeping import find_lost_lines
from tracker.transfer.reading import read_documents, read_postmortem
from tracker.transfer.values import NotADocumentError, ReadPostmortem


def read(text: str | bytes, *, name: str = "report.md") -> ReadPostmortem:
    return read_postmortem(text.encode() if isinstance(text, str) else text, name=name)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Impact", "who_was_affected"),
        (":flying_disc: Impact", "who_was_affected"),
        ("1. Root Cause", "root_causes"),
        ("Contributing Factors (findings)", "contributing_factors"),
        ("Atendees", "attendees"),
        (":mag_right: Five Why's", "whys"),
        ("What went well & where did we get lucky", "worked_well"),
        ("What didn’t go well", "slow_or_confusing"),
        ("Timeline (all times PST) 01/16/2024 - 02/28/2024. All times approximations", "timeline"),
        ("Resolution and recovery", "resolution"),
        ("Where we got lucky", "lucky"),
        ("Lessons learned", ""),
        ("Frequently Asked Questions", ""),
        ("Follow-up tasks", "actions"),
    ],
)
def test_a_heading_is_known_by_its_wording(heading: str, kind: str) -> None:
    assert kind_of(heading) == kind


@pytest.mark.parametrize(
    "heading",
    [
        "# Impact",
        "###### Impact",
        "## Impact ##",
        "**Impact**",
        "**Impact:**",
        "__Impact__",
        "Impact:",
        "Impact\n------",
        "- **Impact**",
    ],
)
def test_a_section_is_found_in_every_style_of_heading(heading: str) -> None:
    assert read(f"# Title\n\n{heading}\n\nAll of them.\n").answers == {"who_was_affected": "All of them."}


def test_labels_inside_a_known_section_stay_in_it() -> None:
    found = read("# T\n\n## Summary\n\n**What happened?**:\n\nIt broke.\n")

    assert found.answers == {"summary": "**What happened?**:\n\nIt broke."}


def test_headings_below_a_known_section_belong_to_it() -> None:
    found = read("# T\n\n## Summary\n\nShort.\n\n### Cases found\n\nTwo.\n\n## Impact\n\nNone.\n")

    assert found.answers == {"summary": "Short.\n\n### Cases found\n\nTwo.", "who_was_affected": "None."}


def test_unknown_sections_stay_in_order_in_the_notes() -> None:
    found = read("# T\n\nBefore.\n\n## Logs\n\nA\n\n## Summary\n\nS\n\n## Q&A\n\nB\n")

    assert found.notes == (("", "Before."), ("Logs", "A"), ("Q&A", "B"))


def test_two_sections_with_one_meaning_are_both_kept_in_their_order() -> None:
    found = read("# T\n\n## Resolution\n\nOne.\n\n## Recovery\n\nTwo.\n")

    assert found.answers == {"resolution": "One.\n\n## Recovery\n\nTwo."}


def test_the_title_comes_from_the_front_matter_the_heading_or_the_file() -> None:
    assert read('---\ntitle: "A: b"\n---\n# Other\n').title == "A: b"
    assert read('+++\ntitle = "In TOML"\n+++\nText\n').title == "In TOML"
    assert read("# Heading\n").title == "Heading"
    assert read("Text only\n", name="folder/2022-10-31-Android").title == "2022-10-31-Android"
    assert read("# ISSUE NAME\n\n## Summary\n\nS\n", name="04-25-Compromise.md").title == "04-25-Compromise"


def test_front_matter_of_both_kinds_is_kept() -> None:
    found = read("---\ndate: 2021-07-11\nauthors:\n   - joe\nseverity: 'SEV2'\n---\n# T\n")

    assert (found.front["date"], found.front["authors"].strip(), found.severity_text) == ("2021-07-11", "- joe", "SEV2")
    assert read('+++\npath = "x"\n[extra]\nteam = "infra"\n+++\n# T\n').front == {
        "path": "x",
        "extra": '{"team": "infra"}',
    }


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    found = read("---\nJust a sentence.\n---\n# T\n")

    assert found.front == {}
    assert find_lost_lines("---\nJust a sentence.\n---\n# T\n", found) == ()


def test_byte_order_marks_line_ends_and_other_encodings_are_read() -> None:
    for content in (
        b"\xef\xbb\xbf# T\r\n\r\n## Impact\r\n\r\nAll\r\n",
        b"# T\r\r## Impact\r\rAll",
        "# T\n## Impact\nAll".encode("utf-16"),
    ):
        assert (read(content).title, read(content).answers) == ("T", {"who_was_affected": "All"})


def test_a_file_that_is_not_utf_8_is_read_with_a_warning() -> None:
    found = read("# Stör\n".encode("cp1252"))

    assert found.title == "Stör"
    assert found.warnings


@pytest.mark.parametrize(
    "content", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\x00\x01\x02PNG", b"%PDF-1.7\n\x00\x01", bytes(range(32)) * 20]
)
def test_what_is_no_document_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(NotADocumentError, match=r"^photo\.md .*\.$"):
        read(content, name="photo.md")


def test_a_file_that_is_too_large_is_refused_with_a_sentence() -> None:
    with pytest.raises(NotADocumentError, match="larger than 50 MB"):
        read(b"a\n" * (26 * 1024 * 1024), name="log.md")


def test_comments_are_left_over_and_never_read_as_content() -> None:
    found = read("# T\n\n<!--\n## Action items\n- [ ] hidden\n-->\n\n## Summary\n\nS\n")

    assert (found.actions, found.left_over) == ((), ("<!--", "## Action items", "- [ ] hidden", "-->"))


def test_a_comment_that_never_ends_hides_nothing() -> None:
    assert read("# T\n\n<!-- oops\n\n## Summary\n\nS\n").answers == {"summary": "S"}


def test_text_that_looks_like_tags_is_untouched() -> None:
    text = "Ask <username> to delete <pod name>&nbsp;{{ x }} <br> &#39;"

    assert read(f"# T\n\n## Summary\n\n{text}\n").answers["summary"] == text


def test_reference_links_go_with_the_texts_that_use_them() -> None:
    found = read(
        "# T\n## Summary\nSee [the bug].\n## Impact\nNone.\n\n[the bug]: https://example.org/1\n[unused]: https://example.org/2\n"
    )

    assert found.answers == {
        "summary": "See [the bug].\n\n[the bug]: https://example.org/1",
        "who_was_affected": "None.",
    }
    assert found.left_over == ("[unused]: https://example.org/2",)


def test_whys_are_a_chain_when_flat_and_a_tree_when_nested() -> None:
    assert [why.depth for why in read("# T\n## Five whys\n1. a\n2. b\n3. c\n").whys] == [0, 1, 2]
    assert [(why.text, why.depth) for why in read("# T\n## Five whys\n- a\n  - b\n  - c\n- d\n").whys] == [
        ("a", 0),
        ("b", 1),
        ("c", 1),
        ("d", 0),
    ]


def test_facts_are_found_wherever_they_stand() -> None:
    found = read(
        "# T\n**Severity:** SEV2\n## Stats\n- Category: Kubernetes\n- Time to detection: 9 minutes\n- Resolved: 10:20\n"
    )

    assert (found.severity_text, found.category_text) == ("SEV2", "Kubernetes")
    assert (found.time_to_detect_text, found.resolved_text) == ("9 minutes", "10:20")


def test_several_incidents_in_one_file_are_read_apart() -> None:
    text = "# One\n\n## Summary\n\nA\n\n# Two\n\n## Summary\n\nB\n\n## Timeline\n\n- 2021-01-01 10:00 x\n"
    one, two = read_documents(text.encode(), name="all.md")

    assert [(found.title, found.answers["summary"], len(found.timeline)) for found in (one, two)] == [
        ("One", "A", 0),
        ("Two", "B", 1),
    ]
    assert "more than one incident" in read(text).warnings[-1]


def test_no_section_is_needed() -> None:
    found = read("Only a sentence.\n", name="x.md")

    assert (found.title, found.notes, found.timeline, found.actions) == ("x", (("", "Only a sentence."),), (), ())
