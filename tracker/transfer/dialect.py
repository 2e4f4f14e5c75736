"""placeholder"""
from __future__ import annotations
from tracker.transfer.containers import Document
from tracker.transfer.values import ReadPostmortem
def is_dialect(document: Document) -> bool:
    return False
def read_dialect(document: Document, *, name: str) -> ReadPostmortem:
    raise NotImplementedError
