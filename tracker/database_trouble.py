"""What is wrong when the database does not do what it is asked, in one sentence with what to do."""

from sqlalchemy.exc import OperationalError, SQLAlchemyError

SENTENCES = {
    "is full": "The disk or database is full. Make room; nothing that was saved is lost.",
    "No space left": "The disk of the database is full. Make room; nothing that was saved is lost.",
    "disk I/O": "The disk does not take what is written. Is it full, or broken? What was saved is not lost.",
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


FOR_PEOPLE = {
    "is full": "The disk of the server is full, so nothing can be saved until an administrator makes room.",
    "No space left": "The disk of the server is full, so nothing can be saved until an administrator makes room.",
    "disk I/O": "The disk of the server does not take what is written. Tell your administrator.",
    "is locked": "The database is busy. Try again in a minute.",
    "readonly database": "Nothing can be saved just now. Tell your administrator.",
}
NOT_THERE = "The database cannot be reached just now. Try again in a minute; if it stays, tell your administrator."


def trouble_for_people(error: SQLAlchemyError) -> str:
    """The same for whoever opened a page and cannot mend it."""
    said = str(getattr(error, "orig", None) or error)
    return next((sentence for sign, sentence in FOR_PEOPLE.items() if sign in said), NOT_THERE)
