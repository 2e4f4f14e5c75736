"""Passwords that are long enough and fall all the same: leaked ones, names, dates, keys in a row (zxcvbn)."""

from tracker.errors import RuleError
from tracker.models import Person

LOOKED_AT = 72
"""As many characters are looked at: what is longer is not weak, and looking takes the longer."""
GOOD = 3
"""Of 4: more than a hundred million guesses."""
OURS = "followthrough"


def refuse_guessable(password: str, *, of: Person) -> None:
    """Raises: RuleError: it is among the first that somebody tries who guesses."""
    from zxcvbn import zxcvbn  # noqa: PLC0415  14 MB of leaked passwords, for those who choose one

    known = [OURS, of.email, *of.email.split("@"), of.name, *of.name.split()]
    if zxcvbn(password[:LOOKED_AT], user_inputs=known)["score"] < GOOD:
        raise RuleError("That password is one of the first that people try. A few unrelated words are hard to guess.")
