"""Writing a message down, in the same transaction as the change it tells of. The mailing job delivers it."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import cache

import jinja2
from sqlalchemy import select

from tracker import words
from tracker.config import Settings
from tracker.db import session
from tracker.mail_rendering import (
    MailTemplateError,
    RenderedMail,
    mail_environment,
    plain_mail,
    render_mail,
    render_plainly,
    render_post,
)
from tracker.models import Channel, Message, MessageKind, Person
from tracker.paths import TEMPLATES
from tracker.stopped_mails import STOPPABLE, choices_url, stop_url

log = logging.getLogger(__name__)
WAITS = "Something waits for you in Followthrough"
NOT_SAID = "The message that says what could not be written; administrators see why. What waits for you stands here:"
"""What goes out when the text of a template is broken too."""


@cache
def _environment() -> jinja2.Environment:
    return mail_environment(TEMPLATES)


class Writer:
    """Writes messages with the addresses and times of one installation."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def url(self, path: str) -> str:
        """The whole address of a path of this installation."""
        return self._settings.base_url + path

    def write(
        self,
        template: str,
        *,
        kind: MessageKind,
        to: Person,
        about: str,
        now: datetime,
        period: str = "",
        **context: object,
    ) -> Message | None:
        """Put one message into the outbox, from ``templates/mail/<template>/``.

        The same kind, subject, person and period is written once: a second call changes nothing and
        answers ``None``. So does a call for a person who was deactivated.
        """
        if not to.is_active or self.is_written(kind, to=to, about=about, period=period):
            return None
        mail, trouble = self._rendered(template, kind=kind, to=to, **(self._ways_out(kind, to=to) | context))
        message = Message(
            kind=kind,
            about=about,
            period=period,
            person_id=to.id,
            subject=mail.subject[:300],
            text=mail.text,
            html=mail.html,
            template_error=trouble,
            created_at=now,
            run_after=now,
        )
        session.add(message)
        return message

    def post(
        self,
        template: str,
        *,
        kind: MessageKind,
        to: Channel,
        about: str,
        now: datetime,
        period: str = "",
        **context: object,
    ) -> Message | None:
        """Put one message for a chat channel into the same outbox, from ``templates/mail/<template>/chat.txt``.

        Once a kind, subject, channel and period, as with ``write``. The channels to give come from
        ``tracker.channels``, which leaves private incidents out; what names one all the same is not delivered.
        """
        if not to.is_active or self.is_written(kind, to=to, about=about, period=period):
            return None
        subject, text, trouble = self._rendered_post(template, **context)
        message = Message(
            kind=kind,
            about=about,
            period=period,
            channel_id=to.id,
            subject=subject[:300],
            text=text,
            html="",
            template_error=trouble,
            created_at=now,
            run_after=now,
        )
        session.add(message)
        return message

    def render(self, template: str, *, to: Person | None, **context: object) -> RenderedMail:
        """A message as ``to`` would read it, without writing it down; ``None`` for a reader who is not known."""
        return render_mail(_environment(), template, **self._shared(to), **context)

    def _rendered(self, template: str, *, kind: MessageKind, to: Person, **context: object) -> tuple[RenderedMail, str]:
        """The mail, and what is wrong with its template. A broken one loses no mail and stops no other: it goes plain.

        Raises:
            MailTemplateError: even its text is broken, and nothing can be said without it, as in a sign-in link.
        """
        try:
            return self.render(template, to=to, **context), ""
        except MailTemplateError as error:
            log.exception("A mail goes without its layout.")
            plain = render_plainly(_environment(), template, **self._shared(to), **context)
            if plain is None and kind is MessageKind.SIGN_IN_LINK:
                raise
            return plain or plain_mail(WAITS, self._only_where()), str(error)

    def _rendered_post(self, template: str, **context: object) -> tuple[str, str, str]:
        """The title and the text for a channel, and what is wrong with the template."""
        try:
            return *render_post(_environment(), template, **self._shared(None), **context), ""
        except MailTemplateError as error:
            log.exception("A message for a channel says only where to look.")
            return WAITS, self._only_where(), str(error)

    def _only_where(self) -> str:
        return f"{NOT_SAID}\n{self.url('/')}\n"

    def _ways_out(self, kind: MessageKind, *, to: Person) -> dict[str, object]:
        """The addresses in the footer of mails that come by themselves."""
        if kind not in STOPPABLE:
            return {}
        return {
            "preferences_url": choices_url(self._settings),
            "unsubscribe_url": stop_url(kind, person_id=to.id, settings=self._settings),
        }

    def is_written(self, kind: MessageKind, *, to: Person | Channel, about: str, period: str) -> bool:
        is_to = Message.person_id == to.id if isinstance(to, Person) else Message.channel_id == to.id
        query = select(Message.id).where(Message.kind == kind, Message.about == about, is_to, Message.period == period)
        return session.scalar(query) is not None

    def _shared(self, to: Person | None) -> dict[str, object]:
        moment: Callable[[datetime], str] = lambda at: words.moment_text(at, self._settings.timezone)  # noqa: E731
        return {"person": to, "base_url": self._settings.base_url, "url": self.url, "moment": moment}
