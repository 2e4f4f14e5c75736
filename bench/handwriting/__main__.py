"""A real postmortem written by hand through the form, in Chromium, and what that takes in pages, clicks and keys.

    python -m bench.handwriting FOLDER [--save] [--pictures FOLDER]

FOLDER holds DFDS's documents. Every word of the document is typed or pasted by a person; the tree of whys, which the
document does not have, is made of its own sentences. `--save` writes RESULT.md.
"""

import argparse
import sys
import tempfile
from dataclasses import astuple
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from bench.handwriting.documents import Source, missing, read
from bench.handwriting.hand import Count, Hand
from tests import make
from tests.browser import Browser
from tests.chromium import running_chromium
from tests.serving import served
from tracker import create_app, migrating
from tracker.config import Settings
from tracker.db import database, session

DOCUMENT = "PM2021-008 - Kubernetes ingress controller Traefik v2 configuration caused outage.md"
MOMENTS = {
    "AWS Load Balancers were updated": "Began",
    "Developer reports high count": "Detected",
    "Due to criticality rollback": "Stabilised",
    "Service operational.": "Resolved",
}
"""Which entry of the timeline was which moment, as the document's own figures say: 64 minutes, 87 minutes."""
ROOM = "/incidents/INC-1"


def declare(hand: Hand, source: Source) -> None:
    hand.begin("Declare it and say that it is over")
    hand.open("/")
    hand.go("d")
    hand.type(source.title)
    hand.tick("SEV1")
    hand.tick("Kubernetes ingress")
    hand.picture("01-declare")
    hand.submit("Declare incident")
    hand.picture("02-room")
    hand.press("s")
    hand.type("Rollback performed.")
    hand.press("Enter")
    expect(hand.page.locator("#phase-part .current")).to_contain_text("Stabilised")
    hand.settle()
    hand.picture("03-stabilised")
    hand.press("r", "Space", "Tab", "Space", "Tab", "Space", "Tab", "Space")
    hand.go("Enter")
    expect(hand.page.locator("#status")).to_contain_text("INC-1 is resolved.")
    hand.picture("03-resolved")


def tell_the_story(hand: Hand, source: Source) -> None:
    hand.begin("What happened?")
    hand.follow("Write the postmortem")
    hand.picture("04-what-happened-empty")
    hand.follow("Paste a timeline")
    expect(hand.page.get_by_label("Lines", exact=True)).to_be_focused()
    hand.paste(source.pasted)
    hand.submit("See how they are understood")
    hand.picture("05-timeline-understood")
    hand.submit("Add what is ticked")
    hand.picture("06-timeline-taken")
    for text, moment in MOMENTS.items():
        menu = hand.page.locator("details.menu", has=hand.page.get_by_label(f"Correct: {text}"))
        hand.click(menu.locator("summary"))
        with hand.page.expect_navigation():
            hand.click(menu.get_by_role("button", name=f"Set as “{moment}”"))
        hand.settle()
    hand.picture("07-moments-set")
    hand.write("What happened, in short", source.sections["Summary"])
    hand.picture("08-what-happened-written")
    hand.submit("Save and go on")


def ask_why(hand: Hand, source: Source) -> None:
    hand.begin("Why did it happen?")
    why, page = source.points("Contributing Factors"), hand.page
    hand.choose("Main cause", "Configuration change")
    hand.button("Save the cause")
    hand.picture("09-why-empty")
    hand.click(page.get_by_label("Why did it happen?"))
    for words, key in (
        ("A misconfiguration didn't allow insecure headers to be forwarded", "Tab"),
        (why[0], "Tab"),
        ("A diff of the request headers is not part of a migration", "Escape"),
    ):
        expect(page.locator("form[data-quick-why] textarea[name=claim]")).to_be_focused()
        hand.type(words)
        hand.press(key if key != "Escape" else "Enter")
        expect(page.locator(".tree-node", has_text=words)).to_be_visible()
    expect(page.locator("form[data-quick-why] textarea[name=claim]")).to_be_focused()
    hand.press("Escape")
    expect(page.locator(".tree-node:focus")).to_be_visible()
    hand.picture("10-tree")
    hand.press("F2")
    expect(page.get_by_label("Because")).to_be_focused()
    hand.tick("This is a root cause")
    hand.tick("we can act here")
    hand.button("Save this why")
    hand.click(page.get_by_text("Add a factor"))
    hand.click(page.get_by_label("What made it more likely, larger or longer?"))
    for factor in why:
        hand.type(factor)
        hand.button("Add this factor")
        expect(page.locator("#factors li", has_text=factor)).to_be_visible()
        expect(page.get_by_label("What made it more likely, larger or longer?")).to_be_focused()
    hand.picture("11-why-written")
    hand.submit("Save and go on")


def answer_the_rest(hand: Hand, source: Source) -> None:
    hand.begin("The steps between")
    stats = source.points("Stats")
    hand.picture("12-detection")
    hand.write("What alerted us", source.rows[2][1])
    hand.write("How long until we knew", stats[1])
    hand.submit("Save and go on")
    hand.picture("13-response")
    hand.submit("Save and go on")
    hand.write("Prevent it: process", source.points("Lessons Learned")[0])
    hand.picture("14-prevent")
    for _ in range(3):
        hand.submit("Save and go on")


def promise(hand: Hand, source: Source) -> None:
    hand.begin("Follow-through")
    for number, item in enumerate(source.points("Action Items")):
        hand.click(hand.page.get_by_role("link", name="Add an action item"))
        title, _, detail = item.partition(". ")
        hand.write("What will be done", title)
        if detail:
            hand.write("Detail", detail)
        hand.write("Done when", "Each team lead has read and answered it.")
        if number == 0:
            hand.picture("15-item")
        hand.choose("Owner", "Willy")
        hand.tick("Detect")
        hand.button("Add the action item")
        hand.settle()
        hand.picture(f"16-item-{number}")
    hand.write("Notes", "\n".join([*source.points("Attendees"), *source.points("Stats")]))
    hand.picture("17-promised")
    hand.submit("Save and go on")


def have_it_read(hand: Hand) -> None:
    hand.begin("Review and publish")
    hand.picture("18-review-and-publish")
    hand.follow("Ask for a review")
    hand.choose("Who should read it?", "Mia")
    hand.submit("Ask to read it")
    hand.picture("19-asked")


def read_and_approve(hand: Hand) -> None:
    hand.begin("The reader: My work, a comment, approval")
    hand.open("/")
    hand.picture("20-reader-my-work")
    with hand.page.expect_navigation():
        hand.click(hand.page.locator("main").get_by_role("link", name="INC-1").first)
    hand.picture("21-reader-review")
    hand.click(hand.page.locator("#q-summary summary"))
    hand.click(hand.page.locator("#text-summary"))
    hand.type("Which customers felt it?")
    hand.submit("Comment")
    hand.picture("22-commented")
    hand.submit("Approve it")


def publish(hand: Hand) -> None:
    hand.begin("Review and publish")
    hand.open(f"{ROOM}/postmortem/review")
    with hand.page.expect_navigation():
        hand.click(hand.page.get_by_role("button", name="Resolve").first)
    hand.settle()
    hand.follow("Go on to publish it")
    hand.submit("Publish")
    hand.picture("23-published")


def write_and_publish(writer: Hand, reader: Hand, *, source: Source) -> dict[str, Count]:
    """All of it, with what each part took."""
    for part in (declare, tell_the_story, ask_why, answer_the_rest, promise):
        part(writer, source)
    have_it_read(writer)
    read_and_approve(reader)
    publish(writer)
    return writer.parts | reader.parts


def read_all(hand: Hand, *, items: int) -> str:
    """What a reader finds: the published page, and the pages of its items."""
    hand.begin("Not counted")
    texts = []
    for url in (f"{ROOM}/postmortem", *(f"/actions/AI-{number}" for number in range(1, items + 1))):
        hand.open(url)
        texts.append(hand.page.locator("main").inner_text())
    del hand.parts["Not counted"]
    return "\n".join(texts)


def written(chromium: Chromium, source: Source, *, pictures: Path | None) -> tuple[dict[str, Count], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hand.db"
        settings = Settings(
            instance_path=Path(folder), database_url=url, secret_key=make.SECRET, timezone=ZoneInfo("UTC")
        )
        app = create_app(settings)
        app.testing = True
        with app.app_context():
            migrating.upgrade()
            make.service("Kubernetes ingress")
            writer, reader = (Browser(app, person=make.person(name)).cookie for name in ("Willy", "Mia"))
            with served(app) as address:
                hands = [signed_in(chromium, address, cookie=one, pictures=pictures) for one in (writer, reader)]
                parts = write_and_publish(*hands, source=source)
                gone = missing(source, read_all(hands[0], items=len(source.points("Action Items"))))
            session.remove()
            database.engine.dispose()
    return parts, gone


def signed_in(chromium: Chromium, address: str, *, cookie: str, pictures: Path | None) -> Hand:
    context = chromium.new_context(base_url=address)
    context.add_cookies([{"name": "followthrough", "value": cookie, "url": address}])
    context.set_default_timeout(30_000)
    return Hand(context.new_page(), pictures)


HEAD = """# A real postmortem, written by hand

`python -m bench.handwriting FOLDER --save`, in Chromium, over SQLite. The document is DFDS's
*{document}* (MIT licence).
One person declares the incident long after it happened, writes its postmortem and promises its items; a second
person reads it, asks something and approves it; the first publishes it. What is typed is counted apart from what it
takes to get there: a choice from a list counts as two clicks.

| part | pages | clicks | keys that are no text | pasted | characters typed |
|---|---:|---:|---:|---:|---:|
"""


def report(parts: dict[str, Count], *, source: Source, gone: list[str]) -> str:
    counts = [(name, astuple(count)) for name, count in parts.items()]
    whole = tuple(sum(column) for column in zip(*(values for _, values in counts), strict=True))
    table = [*counts, ("all", whole)]
    rows = [f"| {name} | {' | '.join(f'{value:,}' for value in values)} |" for name, values in table]
    told = len(source.told())
    lines = [
        *rows,
        "",
        f"Of the {told} titles, times, sentences and figures {told - len(gone)} stand on",
    ]
    lines += ["the published page or, as details of an item, on the item's own."]
    lines += [f"- missing: {one}" for one in gone]
    return HEAD.format(document=Path(DOCUMENT).stem) + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    source = read((arguments.folder / DOCUMENT).read_text(encoding="utf-8"))
    with running_chromium() as chromium:
        parts, gone = written(chromium, source, pictures=arguments.pictures)
    text = report(parts, source=source, gone=gone)
    sys.stdout.write(text)
    if arguments.save:
        (Path(__file__).parent / "RESULT.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
