"""An edition as a person reads it: without what only an import needs. Takes a text, returns a text."""

import re

FRONT = re.compile(r"---\n.*?\n---\n+", re.DOTALL)
SIGN = re.compile(r"<!-- /?ft\b.*-->$")
GUARD = re.compile(r"\\(?=\\*<!-- /?ft\b)")


def readable(document: str) -> str:
    """The document without its front matter and the signs between its parts; what was typed stays as it was."""
    front = FRONT.match(document)
    lines = document[front.end() :].split("\n") if front else document.split("\n")
    return "\n".join(GUARD.sub("", line, count=1) for line in lines if not SIGN.match(line))
