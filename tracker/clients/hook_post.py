"""Sends one webhook: to guarded addresses only, without following redirects, and never twice by itself."""

from collections.abc import Mapping

from tracker.clients.addresses import Resolve, addresses_of
from tracker.clients.failures import ClientError

TIMEOUTS = (5.0, 15.0)


class HookRefused(ClientError):
    """It was answered, but not with a success."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def post_hook(
    url: str, *, body: bytes, headers: Mapping[str, str], allowed_hosts: frozenset[str], resolve: Resolve = addresses_of
) -> int:
    """The status of the answer.

    Raises:
        HookRefused: it was another than 2xx.
        ClientError: the address may not be used, or nothing answered.
    """
    from tracker.clients.transport import TrackerAdapter, guarded_session  # noqa: PLC0415  the web process posts none

    adapter = TrackerAdapter(allowed_hosts=allowed_hosts, resolve=resolve, timeouts=TIMEOUTS)
    with guarded_session(adapter) as session:
        answer = session.post(url, data=body, headers={"User-Agent": "Followthrough", **headers}, allow_redirects=False)
    if not 200 <= answer.status_code < 300:
        raise HookRefused(f"It answered with status {answer.status_code}.", status=answer.status_code)
    return int(answer.status_code)
