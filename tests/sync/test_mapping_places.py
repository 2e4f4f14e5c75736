"""What a tracker has against a mapping stands beside the field where it is mended."""

from tests import make
from tests.browser import Browser
from tracker.clients.failures import ClientError, NoAccess, Refused
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import TicketField
from tracker.models import TrackerKind


def test_each_refusal_of_a_mapping_has_its_place(admin_browser: Browser, tickets: MemoryClient) -> None:
    jira = make.tracker("Jira", kind=TrackerKind.JIRA, url="https://jira.example.com", default_target="SHOP")
    priority = TicketField(name="priority", shown="Priority", is_required=False, kind="priority", choices=("High",))
    tickets.fields_there.append(priority)
    cases: list[tuple[ClientError | None, dict[str, str], str]] = [
        (Refused("SHOP has no issue type “Epics”."), {"kind": "Epics"}, "kind"),
        (NoAccess("We cannot see SHOP."), {}, "target"),
        (None, {"p2": "Urgent"}, "p2"),
        (None, {"fields": "Colour = red"}, "fields"),
    ]

    for failure, typed, place in cases:
        tickets.fail_with = failure
        page = admin_browser.get(f"/settings/trackers/{jira.id}/fields/new").submit("Check and save", **typed)
        assert [box["id"] for box in page.select(".field-error")] == [f"{place}-error"], typed
