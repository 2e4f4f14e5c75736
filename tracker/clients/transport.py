"""The one way out to a tracker over HTTP: guarded addresses, time-outs, bounded answers, no retry, plain errors."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.exceptions import SSLError as TLSError

from tracker.clients.addresses import Resolve, addresses_of, check_address, guarded_pools
from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    NoAccess,
    NotReached,
    RateLimited,
    Redirected,
    Refused,
    StrangeAnswer,
    TicketGone,
    Unavailable,
)
from tracker.clients.tickets import RateLeft

USER_AGENT = "Followthrough"
TIMEOUTS = (5.0, 20.0)  # seconds to connect, and between two bytes
WHOLE_ANSWER = 60.0  # seconds until the last byte
LARGEST_ANSWER = 20_000_000  # bytes after unpacking; 100 issues with full texts are below 7 MB
MOST_REDIRECTS = 3
_NEVER_SENT = (NewConnectionError, NameResolutionError, ConnectTimeoutError, TLSError)
_REDIRECTS = (301, 302, 303, 307, 308)


class TrackerAdapter(HTTPAdapter):
    """Sends one request once, and turns every way it can go wrong into a `ClientError`.

    A redirect is an answer here, never followed by `requests`: a write must not arrive elsewhere as a read.
    """

    def __init__(
        self,
        *,
        allowed_hosts: frozenset[str],
        resolve: Resolve = addresses_of,
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        self._timeouts = timeouts
        self.last_headers: Mapping[str, str] = {}
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = guarded_pools(self._allowed_hosts, resolve=self._resolve)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs |= {"timeout": self._timeouts, "stream": True}
        check_address(request.url or "", allowed_hosts=self._allowed_hosts, resolve=self._resolve)
        try:
            response = super().send(request, *args, **kwargs)
            _read_whole(response)
        except (requests.RequestException, HTTPError, OSError) as error:
            _raise_for_break(error, request=request)
        self.last_headers = response.headers
        if response.status_code in _REDIRECTS and not may_follow(response):
            raise Redirected(redirect_message(response))
        return response


def may_follow(response: requests.Response) -> bool:
    """Only a moved page on the same server, and only for a read (GitHub's transferred issues)."""
    there = urlsplit(response.headers.get("Location", ""))
    here = urlsplit(response.url)
    same_server = (there.scheme, there.netloc) == (here.scheme, here.netloc)
    return response.status_code == 301 and response.request.method == "GET" and same_server


def redirect_message(response: requests.Response) -> str:
    there = urlsplit(response.headers.get("Location", ""))
    place = f"{there.scheme}://{there.netloc}" if there.netloc else "another page"
    host = urlsplit(response.url).netloc
    return f"{host} sends us on to {place[:200]}, and we do not follow. Check the tracker's address in the settings."


def guarded_session(adapter: TrackerAdapter) -> requests.Session:
    """A session that goes out through the adapter only, and never looks for a .netrc."""
    session = requests.Session()
    session.auth = lambda request: request
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def follow(session: requests.Session, response: requests.Response, *, headers: Mapping[str, str]) -> requests.Response:
    """The answer at the end of a few moved pages, with their whole address (PyGithub would drop the query)."""
    for _ in range(MOST_REDIRECTS):
        if response.status_code != 301:
            return response
        response = session.get(response.headers["Location"], headers=dict(headers), allow_redirects=False)
    if response.status_code == 301:
        raise StrangeAnswer(f"{urlsplit(response.url).netloc} sends us round in circles.")
    return response


def _read_whole(response: requests.Response) -> None:
    """Replace the open answer by its bytes, or raise when there are too many or they drip in too slowly."""
    deadline = time.monotonic() + WHOLE_ANSWER
    body = BytesIO()
    try:
        for chunk in response.raw.stream(65536, decode_content=True):
            body.write(chunk)
            if body.tell() > LARGEST_ANSWER:
                raise requests.exceptions.ContentDecodingError("more than we can read")
            if time.monotonic() > deadline:
                raise requests.ReadTimeout("still not complete")
    finally:
        response.raw.close()
    body.seek(0)
    response.raw = body


def _raise_for_break(error: Exception, *, request: requests.PreparedRequest) -> NoReturn:
    host = urlsplit(request.url or "").netloc
    if was_never_sent(error):
        raise NotReached(f"{host} could not be reached. Nothing was sent; we try again.") from error
    if request.method != "GET":
        raise AnswerLost(
            f"The connection to {host} broke before it answered, so we do not know the outcome."
        ) from error
    if isinstance(error, requests.exceptions.ContentDecodingError):
        raise StrangeAnswer(f"{host} sent more than we can read, or something we cannot unpack.") from error
    raise Unavailable(f"{host} broke off or took too long to answer. We try again.") from error


def was_never_sent(error: BaseException) -> bool:
    """Whether the error shows that no byte of the request left. Anything unclear counts as sent."""
    if isinstance(error, (requests.exceptions.SSLError, requests.ConnectTimeout, *_NEVER_SENT)):
        return True
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    return isinstance(reason, _NEVER_SENT)


def error_for_status(status: int, *, headers: Mapping[str, Any], words: str, host: str, is_write: bool) -> ClientError:
    """What an HTTP status of 400 and more means to us. `words` is the tracker's own explanation, if it had one."""
    lower = {name.lower(): str(value) for name, value in headers.items()}
    wait = retry_after(lower)
    said = f' It says: "{words}"' if words else ""
    if status == 429 or (status == 403 and _is_rate_limit(lower, words=words)):
        return RateLimited(f"{host} asks us to slow down.{said}", retry_after=wait)
    if status == 401:
        return BadCredentials(f"{host} does not accept our credentials. Enter a new token in the settings.{said}")
    if status == 403:
        return NoAccess(f"{host} does not let us do this. Check what the token may do.{said}")
    if status == 404:
        return NoAccess(f"{host} does not know this place, or hides it from us.{said}")
    if status == 410:
        return TicketGone(f"This was deleted on {host}.{said}")
    if status >= 500 and is_write:
        return AnswerLost(f"{host} failed with status {status}, so we do not know the outcome.", retry_after=wait)
    if status >= 500 or status in (408, 425):
        return Unavailable(f"{host} failed with status {status}. We try again.", retry_after=wait)
    return Refused(f"{host} refused.{said or ' It gave no reason.'}")


def error_for_broken(*, host: str, is_write: bool) -> ClientError:
    """For an answer that said "fine" and then made no sense."""
    if is_write:
        return AnswerLost(f"{host} answered with something broken, so we do not know the outcome.")
    return StrangeAnswer(f"{host} answered with something we cannot read.")


def _is_rate_limit(headers: Mapping[str, str], *, words: str) -> bool:
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "rate limit" in words.lower()


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the tracker asks us to wait, from `Retry-After` or GitHub's reset time, judged by its own clock."""
    text = headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    until = _time(text) if text else _reset_time(headers)
    now = _time(headers.get("date", ""))
    if until is None or now is None:
        return None
    return min(max(until - now, timedelta(seconds=1)), timedelta(days=1))


def rate_left(headers: Mapping[str, str]) -> RateLeft | None:
    """How many calls the last answer said are left to us; `None` where it said nothing."""
    lower = {name.lower(): text for name, text in headers.items()}
    left, of = (_small_number(lower.get(f"x-ratelimit-{name}", "")) for name in ("remaining", "limit"))
    reset = _small_number(lower.get("x-ratelimit-reset", ""))
    if left is None:
        return None
    return RateLeft(left=left, of=of, resets_at=None if reset is None else datetime.fromtimestamp(reset, tz=UTC))


def _small_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _reset_time(headers: Mapping[str, str]) -> datetime | None:
    limit = rate_left(headers)
    return limit.resets_at if limit and limit.left == 0 else None


def _time(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
