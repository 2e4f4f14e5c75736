"""The whole promise, clicked through in a real browser: two incidents, their tickets, the report, the alert.

GitHub is played by emulate, Jira by jira820, mail goes through a real SMTP server, the worker is its own process,
and no function of ours is called.
"""

import re
from email.message import Message

from playwright.sync_api import Locator, Page, expect

from tests.in_chromium.installation import Installation, until

LEAD = "lea@example.com"
FIRST = "Checkout answers 503 while the nightly export runs"
AGAIN = "Checkout answers 503 again during the nightly export"
CAUSE = "The nightly export holds every database connection of the pool, so checkout waits until it times out."


def test_what_was_promised_is_followed_until_the_incident_comes_back(world: Installation, page: Page) -> None:
    sign_in(world, page)
    connect_trackers(world, page)
    add_service(page)

    declare(page, FIRST)
    expect(heading(page)).to_have_text(f"INC-1 {FIRST}")
    resolve(page, "INC-1")
    write_postmortem(page, "INC-1")
    promise(page, "INC-1", "Give the export a connection pool of its own", tracker="GitHub", target=world.github.target)
    promise(page, "INC-1", "Alert when checkout waits for a connection", tracker="Jira", target=world.jira.project)
    publish(page, "INC-1")

    both_have_one_ticket(world)
    world.github.change(1, state="closed", state_reason="completed")
    the_item_follows(page, "AI-1")

    declare(page, AGAIN)
    the_alert_arrives(world)
    decide_that_it_is_the_same(page)
    the_report_tells(page)
    say_that_the_fix_failed(page)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def sign_in(world: Installation, page: Page) -> None:
    world.command("user", "add", LEAD, "--name", "Lea", "--role", "admin")
    page.goto(world.sign_in_link(LEAD))
    page.get_by_role("button", name="Sign in").click()
    expect(heading(page)).to_have_text("My work")


def connect_trackers(world: Installation, page: Page) -> None:
    sites = (
        ("GitHub", "GitHub", world.github.base_url, world.github.token, world.github.target),
        ("Jira", "Jira Server or Data Center", world.jira.base_url, world.jira.token, world.jira.project),
    )
    for name, site, url, token, target in sites:
        page.goto("/settings/trackers/new")
        page.get_by_label(site, exact=True).check()
        page.get_by_label("Name").fill(name)
        page.get_by_label("Address").fill(url)
        page.get_by_label("Token").fill(token)
        page.get_by_label("Default repository or project").fill(target)
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()
        assert token not in page.content()


def add_service(page: Page) -> None:
    page.goto("/services/new")
    page.get_by_label("Name").fill("Checkout")
    page.get_by_label("Owner").select_option(label="Lea")
    page.get_by_role("button", name="Add service").click()
    expect(heading(page)).to_have_text("Checkout")


def declare(page: Page, title: str) -> None:
    page.goto("/")
    page.keyboard.press("d")
    expect(heading(page)).to_have_text("Declare an incident")
    page.get_by_label("What is wrong?").fill(title)
    page.get_by_label("Checkout", exact=True).check()
    page.get_by_role("button", name="Declare incident").click()


def resolve(page: Page, ref: str) -> None:
    page.get_by_role("button", name="Impact is assessed").click()
    page.get_by_label("What made users safe?").fill("Stopped the export")
    page.get_by_role("button", name="Users are safe").click()
    for tick in ("problem is fixed", "work normally", "back to baseline", "intervention is needed"):
        page.get_by_role("checkbox", name=tick).check()
    page.get_by_role("button", name="Resolved").click()
    expect(page.get_by_role("button", name="It stayed quiet: verified")).to_be_visible()


def write_postmortem(page: Page, ref: str) -> None:
    answers = {
        "what-happened": ("summary", "Checkout answered 503 for 40 minutes while the nightly export ran."),
        "why": ("root_causes", CAUSE),
        "detection": ("what_alerted_us", "A customer wrote to support."),
    }
    for step, (question, text) in answers.items():
        page.goto(f"/incidents/{ref}/postmortem/edit/{step}")
        page.locator(f"#{question}").fill(text)
        expect(page.get_by_text(re.compile(r"^Saved \d")).first).to_be_visible()


def promise(page: Page, ref: str, title: str, *, tracker: str, target: str) -> None:
    page.goto(f"/incidents/{ref}/postmortem/edit/follow-through")
    page.get_by_role("link", name="Add an action item").click()
    page.get_by_label("What will be done").fill(title)
    page.get_by_label("Done when").fill("Somebody else can see it on the dashboard.")
    page.get_by_label("Owner").select_option(label="Lea")
    page.get_by_label("Prevent", exact=False).first.check()
    page.get_by_label("Ticket in").select_option(label=tracker)
    page.get_by_role("button", name="Add the action item").click()
    expect(page.get_by_text(title).first).to_be_visible()


def publish(page: Page, ref: str) -> None:
    page.goto(f"/incidents/{ref}/postmortem/edit/review-and-publish")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.goto(f"/incidents/{ref}/postmortem")
    expect(page.get_by_text(CAUSE).first).to_be_visible()


def both_have_one_ticket(world: Installation) -> None:
    until(lambda: len(world.github.issues()) == 1, what="one issue in GitHub")
    until(lambda: len(world.jira.issues()) == 1, what="one issue in Jira")
    assert world.github.issues()[0]["title"] == "Give the export a connection pool of its own"


def the_item_follows(page: Page, ref: str) -> None:
    page.goto("/settings/sync")
    page.get_by_role("button", name="Sync GitHub now").click()

    def is_done() -> bool:
        page.goto(f"/actions/{ref}")
        return "Closed in GitHub" in page.content()

    until(is_done, what="the item that follows its closed ticket")
    expect(page.locator(".page-title")).to_contain_text("done, not verified", ignore_case=True)


def the_report_tells(page: Page) -> None:
    page.goto("/reports")
    expect(heading(page)).to_contain_text("Follow-through report")
    expect(page.get_by_text("1 incident came back this week")).to_be_visible()
    expect(page.get_by_text("1 of its 2 items still open")).to_be_visible()


def the_alert_arrives(world: Installation) -> None:
    until(lambda: bool(alerts(world)), what="the recurrence alert in the mailbox")
    mail = alerts(world)[0]
    payloads = [part.get_payload(decode=True) for part in mail.walk()]
    text = b"\n".join(payload for payload in payloads if isinstance(payload, bytes)).decode()
    assert "INC-1" in text
    assert "Alert when checkout waits for a connection" in text


def alerts(world: Installation) -> list[Message]:
    return [mail for mail in world.mails_to(LEAD) if "INC-2" in str(mail["Subject"])]


def decide_that_it_is_the_same(page: Page) -> None:
    page.goto("/recurrences")
    page.get_by_role("link", name="Decide: INC-2 and INC-1").click()
    expect(heading(page)).to_have_text("Is INC-2 the same as INC-1?")
    page.get_by_role("button", name="Same", exact=True).click()
    expect(page.get_by_text("Lea decided: same")).to_be_visible()


def say_that_the_fix_failed(page: Page) -> None:
    page.goto("/recurrences")
    page.get_by_role("link", name="Look at: INC-2 and INC-1").click()
    page.get_by_role("button", name="AI-1:").first.click()
    page.get_by_role("link", name="All occurrences of this family").click()
    expect(page.get_by_text(AGAIN).first).to_be_visible()
    page.goto("/actions/AI-1")
    expect(page.locator(".page-title")).to_contain_text("did not hold", ignore_case=True)
