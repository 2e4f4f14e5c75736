"""Which items only some people may see: of those a tracker is told as little as can be."""

from sqlalchemy import select

from tracker.db import session
from tracker.models import ActionItem, may_see_action


def is_private(action: ActionItem) -> bool:
    """Whether only some people may see the item: every incident that asks for it is private."""
    return session.scalar(select(ActionItem.id).where(ActionItem.id == action.id, may_see_action(None))) is None
