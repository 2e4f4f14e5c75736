"""What was measured on, for the first line of a result."""

import os
import platform
import sqlite3
from importlib.metadata import version


def machine() -> str:
    """Cores, Python and the libraries that decide how quick a page is."""
    names = ("flask", "sqlalchemy", "waitress", "jinja2", "psycopg")
    parts = [f"{os.cpu_count()} cores", f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    return ", ".join([*parts, *(f"{name} {version(name)}" for name in names)])
