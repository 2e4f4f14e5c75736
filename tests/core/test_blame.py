"""The check for blame and hindsight: what it asks about, and what it leaves alone."""

import pytest

from tracker.blame import Wording, hints, names_a_person

pytestmark = pytest.mark.once

ASKED = {
    Wording.SLIP: (
        "It was human error.",
        "The cache was deleted by mistake",
        "The change was accidentally merged to production.",
        "This was a mistake in setting up the node pool.",
        "A cluster was set to zero by accident.",
    ),
    Wording.LEFT_UNDONE: (
        "The developer forgot to check the endpoint.",
        "We failed to consider the empty case.",
        "The engineer on call ignored the page",
        "The alert was missed.",
        "Somebody overlooked the flag.",
        "The reviewer did not notice the typo.",
        "Why did the developer forget to test?",
        "It was merged without thinking",
    ),
    Wording.CARE: (
        "That was careless.",
        "We need to be more careful with deployments.",
        "Everybody must pay more attention.",
        "It was merged without due care",
        "This was a poor decision.",
    ),
    Wording.SHOULD_HAVE: (
        "This should have been caught in review.",
        "We should've known.",
        "It shouldn’t have been rushed to production.",
        "They ought to have asked.",
    ),
    Wording.COULD_HAVE: (
        "It could have been avoided.",
        "A second reviewer would have caught it.",
        "Had we known, we would not have started.",
        "If the team had looked at the graph, it was there.",
    ),
    Wording.PLAIN: (
        "Obviously the pool was empty.",
        "The fix was simply a restart.",
        "The solution was just to delete the pod.",
        "The dashboard clearly showed it.",
        "In hindsight the cause was obvious.",
    ),
}
LEFT_ALONE = (
    "The server failed to start.",
    "We should have an alert on this.",
    "Every item should have an owner.",
    "There was no obvious error.",
    "Make it hard to accidentally delete a table.",
    "Operator error is never a root cause.",
    "It could have been much worse.",
    "Retries held the connections for just over ten minutes.",
    "This is simpler than the old way.",
    "The job was ignored by the scheduler because of a flag.",
    "Run `git commit --fixup` on it; we forgot `-a` no more.".replace("we forgot", "the tool drops"),
    "> He said it was human error",
    "See [the page](https://example.com/human-error)",
    "Things that could have gone better",
)


THINGS = (
    "A change that unintentionally overwrote a value.",
    "Customers would have seen errors.",
    "Users mistakenly seeing a notice.",
    "The issue was only affecting staff.",
    "This should not have been impacted.",
)
LATER = (
    "The alert should have fired after five minutes.",
    "The cache should have been warm.",
    "The restart would have failed anyway.",
    "There is nothing that could have prevented it.",
    "Had this been a real attack, the loss would have been larger.",
    "If it had happened on Monday, the impact would have been worse.",
    "What could have gone better?",
)
LEFT_TO_THINGS = (
    "The health check failed to detect the dead node.",
    "Users failed to log in.",
    "The controller did not check the lease.",
    "Forgot password page returned 500.",
    "We did not notice until the alert fired.",
    "We missed our SLO for March.",
    "An engineer ran the migration at 12:00.",
    "Wrong number of replicas",
    "He said “it was human error and nobody should have been surprised” in the chat.",
)
HARD = {
    Wording.SLIP: (
        "By mistake we passed the wrong key.",
        "Bob accidentally dropped the table",
        "We misjudged the load.",
    ),
    Wording.LEFT_UNDONE: (
        "Nobody was watching the dashboard.",
        "None of us noticed the gap.",
        "Why was the change not reviewed by a second person?",
        "It was merged without testing.",
        "Also failed to verify that it works.",
        "The process was not followed.",
        "We dropped the ball.",
    ),
    Wording.CARE: (
        "Testing in staging was not thorough enough.",
        "We hurriedly pushed an untested fix.",
        "Be more vigilant.",
    ),
    Wording.SHOULD_HAVE: (
        "I should've asked.",
        "Alerting should have been in place.",
        "Should have been done the day before.",
    ),
    Wording.COULD_HAVE: (
        "With better monitoring we would have noticed sooner.",
        "If the flag was off, this wouldn't have happened.",
        "The fix could have been merged the day before.",
        "It would have been better to roll back.",
    ),
    Wording.PLAIN: (
        "It was just a typo.",
        "All we had to do was restart it.",
        "We simply forgot.",
        "Looking back, it was there.",
    ),
}
PEOPLE = ("It was inadvertently applied to the wrong site.", "This oversight was ours.", "A manual mistake did it.")


@pytest.mark.once
@pytest.mark.parametrize("text", [*THINGS, *PEOPLE])
def test_what_a_thing_did_or_customers_saw_is_no_blame(text: str) -> None:
    assert bool(hints(text)) is (text in PEOPLE)


@pytest.mark.parametrize("asked", [ASKED, HARD])
def test_each_form_is_asked_about_under_its_own_name(asked: dict[Wording, tuple[str, ...]]) -> None:
    missed = [
        (wording.value, sentence)
        for wording, sentences in asked.items()
        for sentence in sentences
        if wording not in {hint.wording for hint in hints(sentence)}
    ]

    assert missed == []


def test_what_only_looks_like_it_is_left_alone() -> None:
    assert [(text, hints(text)) for text in (*LEFT_ALONE, *LATER, *LEFT_TO_THINGS) if hints(text)] == []


def test_a_hint_shows_the_words_where_they_stand_with_a_question_and_its_reason() -> None:
    text = "Orders waited.\nThe engineer forgot to drain the pool, v1.2 was out."

    (hint,) = hints(text)

    assert text[hint.start :].startswith(hint.words)
    assert hint.words == "The engineer forgot to"
    assert hint.question == "What made that the sensible thing to do?"
    assert "for a reason" in hint.explanation
    assert hint.key == "left undone: the engineer forgot to"


def test_a_sentence_that_goes_on_in_the_next_line_is_read_whole() -> None:
    text = "Before the release the engineer\nforgot to drain the pool.\n- we\n- forgot to"

    assert [hint.key for hint in hints(text)][:1] == ["left undone: the engineer forgot to"]


def test_a_role_that_acted_is_a_name_in_a_why() -> None:
    assert [hint.wording for hint in hints("The intern deleted the table.", people=["Ana Lund"])] == [Wording.NAME]
    assert hints("The intern deleted the table.") == ()


def test_names_are_asked_about_only_where_nobody_should_be_named() -> None:
    text = "Ana restarted it, and @carl saw it. Analysis followed, by Ana."

    assert hints(text) == ()
    assert [hint.words for hint in hints(text, people=["Ana Lund", "Bo"])] == ["Ana", "@carl"]


def test_only_claims_about_people_point_at_somebody() -> None:
    people = ["Ana Lund", "Bo"]
    pointing = (
        "Ana restarted it",
        "@carl had the only key",
        "The engineer forgot a step",
        "It was human error",
        "The intern deleted it",
    )
    others = ("Analysis took an hour", "Both pools were empty, the banana too", "The engineer on call had no access")

    assert [claim for claim in pointing if not names_a_person(claim, people=people)] == []
    assert [claim for claim in others if names_a_person(claim, people=people)] == []


def test_a_text_of_any_size_and_shape_is_read_in_no_time() -> None:
    for hostile in (
        "the " * 40_000,
        "was " * 40_000,
        "a" * 200_000,
        "```" * 60_000,
        "the engineer " * 15_000,
        "." * 200_000,
    ):
        hints(hostile[:200_000], people=["Ana Lund"])
