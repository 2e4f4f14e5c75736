"""The pictures that an export wrote beside its documents: found again, drawn anew, and moved to where they are now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracker import words
from tracker.errors import RuleError
from tracker.pictures import FOLDER, LARGEST, Drawn, draw_anew

_FILE = re.compile(rf"(.*?){FOLDER}/(INC-[1-9]\d{{0,8}})-([0-9a-f]{{32}})\.(?:png|jpeg)")
_ADDRESS = re.compile(r"/incidents/INC-[1-9]\d{0,8}/pictures/([0-9a-f]{32})(?![0-9a-f])")
MOST = 200
"""Pictures of one incident, as the form takes them."""


def pictures_beside(document: str, *, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Of the files of an archive, by their names: the pictures of a document in it, by their keys."""
    found = {}
    for name, content in files.items():
        match = _FILE.fullmatch(name)
        if match and document == f"{match[1]}incidents/{match[2]}.md":
            found[match[3]] = content
    return found


def read_beside(document: Path) -> dict[str, bytes]:
    """The same for a document in an export's folder. Raises `OSError`."""
    folder = document.parent.parent / FOLDER
    names = [path.name for path in folder.iterdir()] if folder.is_dir() and not folder.is_symlink() else []
    found: dict[str, bytes] = {}
    for name in sorted(one for one in names if one.startswith(f"{document.stem}-"))[:MOST]:
        path, match = folder / name, _FILE.fullmatch(f"{FOLDER}/{name}")
        if match and match[2] == document.stem and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                found[match[3]] = file.read(LARGEST + 1)
    return found


@dataclass(frozen=True)
class Album:
    """The pictures of one document as they can be kept, by the keys they had, and what is to be said of the others."""

    drawn: Mapping[str, Drawn] = field(default_factory=dict)
    warnings: Sequence[str] = ()


NO_PICTURES = Album()


def album_of(text: str, *, given: Mapping[str, bytes]) -> Album:
    """The pictures that a document shows; one that cannot be kept is told, and stops nothing else."""
    drawn: dict[str, Drawn] = {}
    warnings = []
    for key in _shown(text)[:MOST]:
        try:
            if key in given:
                drawn[key] = draw_anew(given[key])
        except RuleError as error:
            warnings.append(f"A picture was left out: {error}")
    missing = len(set(_shown(text)) - set(given))
    if missing:
        warnings.append(
            f"It shows {words.count(missing, 'picture')} not given with it; the addresses stay as they are."
        )
    return Album(drawn, warnings)


def _shown(text: str) -> list[str]:
    return list(dict.fromkeys(_ADDRESS.findall(text)))


def moved(keys: Mapping[str, str], *, ref: str) -> Callable[[str], str]:
    """Changes a text so that it shows the pictures at ``ref``; ``keys`` gives the new key of each that came along."""

    def change(text: str) -> str:
        return _ADDRESS.sub(
            lambda found: f"/incidents/{ref}/pictures/{keys[found[1]]}" if found[1] in keys else found[0], text
        )

    return change


def keys_for(old: Iterable[str], *, taken: set[str], new_key: Callable[[], str]) -> dict[str, str]:
    """The key of each picture here: the one it had, unless another picture of this installation has that."""
    return {key: new_key() if key in taken else key for key in old}
