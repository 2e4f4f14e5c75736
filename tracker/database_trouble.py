"""What is wrong when the database does not do what it is asked, in one sentence with what to do."""

from sqlalchemy.exc import OperationalError

SENTENCES = {
    "is full": "The disk or database is full. Make room; nothing that was saved is lost.",
    "No space left": "The disk of the database is full. Make room; nothing that was saved is lost.",
    "is locked": "The database is busy with another program. Try again in a minute.",
    "readonly database": "The database file may only be read. Give it and its folder to the program's user.",
    "unable to open": "The database file cannot be opened. Check DATABASE_URL, and who may write to its folder.",
    "password authentication": "The database does not take our password. Check DATABASE_URL.",
    "does not exist": "There is no such database. Create it, or check DATABASE_URL.",
    "too many clients": "The database takes no more connections. Run fewer processes, or raise max_connections.",
}
AWAY = "The database cannot be reached. Check DATABASE_URL, and that it runs. It said: {}"


def database_trouble(error: OperationalError) -> str:
    said = str(error.orig).strip()
    first = said.splitlines()[0] if said else "nothing"
    return next((sentence for sign, sentence in SENTENCES.items() if sign in said), AWAY.format(first[:200]))
