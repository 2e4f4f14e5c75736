"""Where templates and static files are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").is_file() else None

_root = CHECKOUT or PACKAGE / "_shared"
TEMPLATES = _root / "templates"
STATIC = _root / "static"
MIGRATIONS = PACKAGE / "migrations"
