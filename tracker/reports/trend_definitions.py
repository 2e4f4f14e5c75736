"""What the figures of the trends mean, as the definitions page says it."""

from tracker.reports.figures import Definition

TWELVE = "the present month and the eleven before it"

TREND_DEFINITIONS = (
    Definition(
        "funnel-incidents",
        "Funnel: incidents to published",
        "incidents; those of them that need a postmortem; those of these whose postmortem is published, late or not",
        "the step before; it took from resolved, or declared when that is not known, to published",
        f"incidents declared in {TWELVE}",
    ),
    Definition(
        "funnel-items",
        "Funnel: items to held",
        "items; those with a ticket; those that were done, also when they failed since; those of these that were "
        "verified; those of these that have not failed since",
        "all items for in the tracker and done; done for verified; verified for held",
        f"items made in {TWELVE}",
    ),
    Definition(
        "months",
        "Month by month",
        "incidents declared, those that came back, items made, items done and required postmortems published by the "
        "end of the day on which they were due",
        "what was declared, made or due in the month; declined items are not among the due ones",
        f"{TWELVE}; of the present one the days that are over",
    ),
    Definition(
        "times",
        "Time to detect, stabilise, resolve",
        "the median, and the time in which nine of ten did it, from when it started",
        "incidents of which both moments are known and in order; the others are counted beside it",
        f"incidents declared in {TWELVE}",
    ),
    Definition(
        "open-age",
        "Age of open items",
        "open items by the days since they were made",
        "all items that are open, in progress or did not hold",
        "now",
    ),
    Definition(
        "hero-share",
        "Hero share",
        "incidents that the most frequent technical lead of their service led",
        "incidents of the service that somebody led technically; services with fewer than three are left out",
        f"incidents declared in {TWELVE}",
    ),
    Definition(
        "blame-rate",
        "Postmortems that point at a person",
        "those in which a why or a contributing factor names somebody, or says that a role failed, forgot or should "
        "have: the rule by which the form asks one question more",
        "published postmortems",
        f"incidents declared in {TWELVE}",
    ),
    Definition(
        "skipped-share",
        "Skipped postmortems",
        "required postmortems that were skipped, with whatever reason",
        "required postmortems",
        f"incidents declared in {TWELVE}",
    ),
    Definition(
        "owed-share",
        "Promises still open",
        "items that are neither done nor declined",
        "items made",
        f"{TWELVE}; the younger the quarter, the more of it may still be in time",
    ),
)
