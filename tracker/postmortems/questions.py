"""The questions of the postmortem: what each asks, how to think about it, and what a good answer looks like.

All examples tell of one incident of a bookshop that does not exist.
"""

from dataclasses import dataclass

from tracker.markdown_documents import HEADINGS
from tracker.models import Severity

EVERY_SEVERITY = frozenset(Severity)


@dataclass(frozen=True)
class Question:
    key: str
    guidance: str
    """One sentence."""
    prompts: tuple[str, ...]
    example: str
    is_extra: bool = False
    """An extra question does not count when a step is called answered."""
    is_asked: bool = True
    """A question that is not asked any more is shown where it was answered."""
    is_short: bool = False
    """Whether it stands in the short form."""
    severities: frozenset[Severity] = frozenset()
    """An incident as bad as these cannot be published without an answer."""
    services: frozenset[str] = frozenset()
    """Nor can one of these services, by their slugs."""
    own_heading: str = ""
    """How it reads here; empty for the words that Followthrough comes with."""

    @property
    def heading(self) -> str:
        return self.own_heading or HEADINGS.get(self.key, self.key)

    def is_needed(self, severity: Severity, services: frozenset[str]) -> bool:
        """Whether publishing needs an answer, for an incident of this severity and these services."""
        return self.is_asked and (severity in self.severities or not services.isdisjoint(self.services))


SUMMARY = Question(
    "summary",
    "Tell it in three or four sentences to somebody who was on holiday.",
    ("What did users notice?", "What set it off, as far as we know?", "What ended it, and how long did it last?"),
    "For 52 minutes on Tuesday morning, about one order in three stayed on the page “Paying…”. A shorter "
    "time-out for the payment service, rolled out at 09:40, used up all of its connections. Going back to the "
    "old value ended it. No money was lost; 214 customers tried again later.",
    is_short=True,
    severities=EVERY_SEVERITY,
)
WHAT_BROKE = Question(
    "what_broke",
    "Name the parts that stopped doing their work, and those that kept going.",
    ("Which services, queues, jobs or screens?", "What still worked, and why?", "What did it look like from inside?"),
    "The payment worker held all 40 of its connections in retries, so new orders waited in line. The catalogue "
    "and the basket did not notice. Refunds use their own pool and went on as usual.",
)
WHO_WAS_AFFECTED = Question(
    "who_was_affected",
    "Say who felt it, how many, and how we know the number.",
    ("Which users, customers or colleagues?", "Is anything still to be made good?", "Where does the number come from?"),
    "214 customers in all countries, counted from orders that stayed in “paying” for more than a minute. 31 of "
    "them wrote to support; all have an answer. Shops in stations were not affected.",
    is_short=True,
)
RESOLUTION = Question(
    "resolution",
    "Say what ended it, and what was tried before that.",
    ("What did we do, in which order?", "What did not help?", "How did we see that it was over?"),
    "10:21 more workers were started, which made the line longer, not shorter. 10:27 the old time-out was "
    "rolled out again. By 10:32 the line was empty, and we watched it for half an hour.",
    is_extra=True,
    is_short=True,
)
BACKGROUND = Question(
    "background",
    "Explain what a reader from another team must know to follow the story.",
    ("How do the parts work together?", "Which change or project was going on?"),
    "Every order is paid through one worker, which holds at most 40 connections to the bank's gateway. The "
    "time-out was shortened as part of the work on faster checkout.",
    is_extra=True,
)
ROOT_CAUSES = Question(
    "root_causes",
    "Name the conditions without which it would not have happened; there is often more than one.",
    (
        "Why did it happen on that day and not earlier?",
        "What made each step the sensible thing to do?",
        "Which safeguard was missing or looked the other way?",
    ),
    "The gateway answers one call in ten after more than two seconds. With a time-out of two seconds each of "
    "these calls was made again while the first still held its connection, and nothing limits how many "
    "connections retries may take.",
    is_short=True,
    severities=EVERY_SEVERITY,
)
CONTRIBUTING_FACTORS = Question(
    "contributing_factors",
    "Name what made it more likely, larger or longer, without being the cause.",
    ("What was different on that day?", "What made it harder to see or to undo?"),
    "The test gateway answers within 50 ms, so no test shows slow answers. The change went out together with "
    "three others, which made it hard to tell them apart.",
    is_extra=True,
)
WHAT_ALERTED_US = Question(
    "what_alerted_us",
    "Say what told us first: an alert, a colleague, a customer, or luck.",
    ("Which alert or message, and when?", "What should have told us and did not?"),
    "A customer's call, passed on by support at 09:58. Our alert on failed payments stayed silent: a payment "
    "that waits has not failed.",
    is_short=True,
    severities=EVERY_SEVERITY,
)
TIME_TO_KNOW = Question(
    "time_to_know",
    "Say how long it took from the first harm until somebody knew, and where the time went.",
    ("When did the first user notice?", "When did we know that it was us?"),
    "18 minutes. The first order got stuck at 09:40; support took six calls before two of them told the same story.",
)
RIGHT_PEOPLE = Question(
    "right_people",
    "Say whether those who could help were told, and how they were found.",
    ("Who was missing at first?", "Was anybody woken who could not help?"),
    "The person on call for checkout was there within three minutes. Nobody who knows the gateway was on call; "
    "we found her through the chat.",
)
WORKED_WELL = Question(
    "worked_well",
    "Name what helped, so that we keep it.",
    ("Which tool, habit or decision saved time?", "What would you want again next time?"),
    "Rolling back took five minutes because the time-out is a setting of its own. Support had the list of all "
    "affected customers within the hour.",
)
SLOW_OR_CONFUSING = Question(
    "slow_or_confusing",
    "Name where we waited, guessed or talked past each other.",
    ("Where did we lose time?", "Which page, graph or message misled us?"),
    "Two graphs of the payment worker show different numbers of connections. For ten minutes we thought the "
    "bank was down.",
)
INFORMATION = Question(
    "information",
    "Say which facts we had, which were missing, and which came too late.",
    ("What did you look for and not find?", "Which fact would have shortened it?"),
    "We could not see how many connections retries held. The list of that day's changes came from memory.",
)
LUCKY = Question(
    "lucky",
    "Say what could have made it worse and by chance did not.",
    ("What if it had happened at night or on a busy day?", "Which safeguard held by accident?"),
    "It was a Tuesday in November. On the first day of the Christmas sale the same line would have held some "
    "6,000 orders.",
)
PREVENT_CODE = Question(
    "prevent_code",
    "Which change in the code would keep this from happening again?",
    ("Could it refuse the bad value?", "Could it limit itself?"),
    "Let retries use at most ten of the 40 connections.",
)
PREVENT_ARCHITECTURE = Question(
    "prevent_architecture",
    "Which change in how the parts are put together would take the danger away?",
    ("What could fail without taking the rest with it?", "What has no second way?"),
    "Give card payments and vouchers a line each, so that one cannot fill up the other.",
)
PREVENT_PROCESS = Question(
    "prevent_process",
    "Which change in how we work would have caught it before users did?",
    ("What should a review or a release ask?", "Which test would have shown it?"),
    "Roll changes of time-outs out to one worker first, and look at its line for ten minutes.",
)
DETECT_MONITORING = Question(
    "detect_monitoring",
    "What should we be able to see that we could not?",
    ("Which number would have moved first?", "Where would you have looked?"),
    "How long the oldest unpaid order has been waiting. It moved at 09:41.",
)
DETECT_ALERTING = Question(
    "detect_alerting",
    "What should have called somebody, and when?",
    ("Which alert was missing, silent or too loud?", "Whom should it call?"),
    "Call the person on call for checkout when the oldest unpaid order has waited five minutes.",
)
DETECT_ON_CALL = Question(
    "detect_on_call",
    "What would help the people on call to notice and understand it sooner?",
    ("Was the alert clear about what to do?", "Was anybody on call for this part?"),
    "Put the gateway into the rota of the payments team; today nobody is on call for it.",
)
RECOVER_RUNBOOKS = Question(
    "recover_runbooks",
    "Which written steps would have saved time?",
    ("Which runbook was missing, wrong or not found?", "What did you have to work out?"),
    "A runbook “Orders wait in paying”: how to see the line, how to roll back a setting, when not to add workers.",
)
RECOVER_TOOLS = Question(
    "recover_tools",
    "Which tool or right would have ended it sooner?",
    ("What did you do by hand?", "Whom did you have to ask?"),
    "One command that empties the line into a file and puts it back, instead of 200 clicks.",
)
RECOVER_COMMUNICATION = Question(
    "recover_communication",
    "What would have kept everybody informed with less effort?",
    ("Who asked for news more than once?", "What did users read, and when?"),
    "A first notice on the status page within ten minutes. Support told 31 people the same thing one by one.",
)
NO_ITEMS = Question(
    "no_items",
    "“No action, because …” is a good answer too: say why nothing is to be done.",
    ("What would it cost, and what would it save?", "Who agreed?"),
    "The old gateway is switched off next week, and with it all of this. The payments team agreed on 25 November.",
    is_extra=True,
    is_short=True,
    severities=EVERY_SEVERITY,
)
NOTES = Question(
    "notes",
    "Keep whatever belongs here and fits nowhere else.",
    ("Links, graphs, messages, names of documents?",),
    "The graph of the line: board “Payments”, Tuesday 09:30 to 10:45.",
    is_extra=True,
)
