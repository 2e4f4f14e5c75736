"""Keeping a postmortem as it is published, whoever publishes it: the form, the API, an import or the sample data."""

from datetime import datetime

from sqlalchemy import func, select

from tracker.db import session
from tracker.documents import documents_of
from tracker.markdown_documents import to_markdown
from tracker.models import Edition, Incident, Person, Postmortem


def keep_edition(postmortem: Postmortem, *, incident: Incident, by: Person | None, at: datetime) -> None:
    """Keep what is published, as the export would write it; ``by`` is ``None`` when nobody knows who published it."""
    session.flush()
    last = session.scalar(select(func.max(Edition.number)).where(Edition.postmortem_id == postmortem.id)) or 0
    session.add(
        Edition(
            postmortem_id=postmortem.id,
            number=last + 1,
            document=to_markdown(documents_of([incident])[0]),
            published_at=at,
            published_by_id=by.id if by else None,
        )
    )
