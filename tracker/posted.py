"""What somebody sent in vain: shown to them again, so that no word is lost, and sent again only by their own hand."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from tracker.security import is_local_path
from tracker.wiring import settings

SECRET_NAMES = frozenset({"csrf_token", "new", "password", "present", "token"})
UNSEEN_NAMES = frozenset(
    {"back", "below", "beside", "declare_key", "form_key", "next", "packed", "then", "to", "version", "view"}
)
"""What forms send that nobody typed. It is sent again, out of the way of the words."""
MOST_FIELDS = 200
LONG = 36


@dataclass(frozen=True)
class PostedField:
    name: str
    value: str

    @property
    def label(self) -> str:
        """The name as words: ``what_happened`` gives "What happened"."""
        words = " ".join(self.name.replace("_", " ").replace("-", " ").split())
        return words[:1].upper() + words[1:] or "Without a name"

    @property
    def is_long(self) -> bool:
        return len(self.value) > LONG or "\n" in self.value

    @property
    def is_typed(self) -> bool:
        return bool(self.value.strip()) and self.name not in UNSEEN_NAMES


@dataclass(frozen=True)
class Posted:
    """A request that was refused before anything was done with it."""

    fields: tuple[PostedField, ...]
    address: str | None
    """Where it can be sent again; ``None`` when it cannot: it came from another site, or what is kept is not all."""
    page: str
    """The page that the form stood on, or the nearest that can be opened."""


def posted() -> Posted:
    """What the present request brought, if it came from a page of ours. No password or token is ever in it.

    Raises:
        RequestEntityTooLarge: it brought more than a form can.
    """
    if not comes_from_here():
        return Posted(fields=(), address=None, page=_page_of_form())
    pairs = list(request.form.items(multi=True))
    if len(pairs) > MOST_FIELDS:
        raise RequestEntityTooLarge
    address = request.full_path.rstrip("?")
    is_whole = not request.files and not any(is_secret(name) and name != "csrf_token" for name, _value in pairs)
    return Posted(
        fields=tuple(PostedField(_clean(name), _clean(value)) for name, value in pairs if not is_secret(name)),
        address=address if is_whole and is_local_path(address) else None,
        page=_page_of_form(),
    )


def is_secret(name: str) -> bool:
    """Whether what stands under this name is never shown again; every password field of ours must be known here."""
    bare = name.rpartition("-")[2].lower()
    return bare in SECRET_NAMES or any(word in bare for word in ("password", "token", "secret"))


def comes_from_here() -> bool:
    """Whether the browser says that a page of this site sent it. No word of a browser is a no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    return _is_ours(request.headers.get("Origin") or request.headers.get("Referer") or "")


def _is_ours(address: str) -> bool:
    try:
        host = urlsplit(address).netloc.lower()
    except ValueError:  # no address at all
        return False
    return bool(host) and host in (request.host.lower(), urlsplit(settings().base_url).netloc.lower())


def _page_of_form() -> str:
    for path in (_referring_path(), request.path):
        if path and is_local_path(path) and _can_be_opened(path):
            return path
    return "/"


def _referring_path() -> str:
    referrer = request.headers.get("Referer", "")
    if not _is_ours(referrer):
        return ""
    parts = urlsplit(referrer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _can_be_opened(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path.partition("?")[0].removeprefix(request.script_root), "GET")


def _clean(text: str) -> str:
    """Without the characters that no page can hold."""
    return "".join(sign for sign in text.replace("\r\n", "\n") if sign.isprintable() or sign in "\n\t")
