"""Everything that leaves with an export: each incident as Markdown and JSON, every table as JSON, no secret."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select

from tracker.db import session
from tracker.documents import documents_of
from tracker.markdown_documents import IncidentDocument, to_markdown
from tracker.models import Base, MessageKind, Update
from tracker.pictures import file_of
from tracker.transfer import queries
from tracker.transfer.findings import Findings, findings_of
from tracker.transfer.sidecars import sidecar_of
from tracker.transfer.sources import MANIFEST, TABLES

FORMAT = 1
SECRET_TABLES = frozenset({"api_tokens", "sent_forms", "sent_requests", "sessions", "sign_in_links"})
PACKED_TABLES = frozenset({"index_blocks", "index_days"})
"""Bytes that are made anew from other tables."""
BESIDE_JSON = frozenset({("pictures", "content")})
"""Columns that are files of their own."""
SECRET_COLUMNS = frozenset({"password_hash", "sealed_address", "sealed_secret", "sealed_token"})


def exported_files(*, now: datetime) -> Iterator[tuple[str, bytes]]:
    """The files of an export, path and content, as of one moment. Nothing may write in this session meanwhile."""
    queries.hold_still()
    count = 0
    for incidents in queries.incidents_in_batches():
        ids = [incident.id for incident in incidents]
        updates, findings = queries.updates_of(ids), findings_of(ids)
        for document in documents_of(incidents):
            count += 1
            name = f"incidents/{document.incident.ref}"
            yield f"{name}.md", to_markdown(document).encode()
            key = document.incident.id
            yield f"{name}.json", _json(_beside(document, updates=updates.get(key, ()), findings=findings[key]))
    for table in Base.metadata.sorted_tables:
        if table.name not in SECRET_TABLES | PACKED_TABLES:
            yield f"{TABLES}/{table.name}.json", _json([_shown(row, table) for row in _rows(table)])
    for picture in queries.pictures():
        yield file_of(picture.key, ref=picture.ref, media_type=picture.media_type), picture.content
    yield MANIFEST, _json({"format": FORMAT, "exported_at": now, "incidents": count})


def _beside(document: IncidentDocument, *, updates: Sequence[Update], findings: Findings) -> dict[str, Any]:
    values = sidecar_of(document, updates=updates) | findings.values()
    people = {one["email"]: one for one in values["people"]}
    people |= {one.email: {"email": one.email, "name": one.name} for one in findings.people()}
    return values | {"people": [people[email] for email in sorted(people)]}


def _rows(table: Table) -> Iterator[Mapping[str, Any]]:
    shown = (column for column in table.columns if column.name not in SECRET_COLUMNS)
    columns = [column for column in shown if (table.name, column.name) not in BESIDE_JSON]
    order = list(table.primary_key.columns)
    query = select(*columns).order_by(*order).execution_options(yield_per=1000)
    return (dict(row) for row in session.execute(query).mappings())


def _shown(row: Mapping[str, Any], table: Table) -> Mapping[str, Any]:
    """The row; a mail with a sign-in link is a secret, though the fact that it was sent is none."""
    if table.name == "messages" and row["kind"] == MessageKind.SIGN_IN_LINK:
        return {**row, "text": "", "html": ""}
    return row


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n").encode("utf-8", "replace")


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in JSON.")
