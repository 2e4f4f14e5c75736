"""What the list of incidents is narrowed to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Filter:
    """Empty means everything."""

    q: str = ""
    view: str = "all"
    """``live`` or ``all``."""
    severity: str = ""
    service: str = ""
    phase: str = ""
    practice: str = ""
    """``without``, ``only``, or empty for both."""

    @property
    def is_narrow(self) -> bool:
        return self != Filter(view=self.view)

    def query(self, **changes: str | int) -> dict[str, str | int]:
        """What stands in the address, with changes; the ordinary is left out."""
        values: dict[str, str | int] = {
            name: getattr(self, name) for name in ("q", "view", "severity", "service", "phase", "practice")
        }
        return {name: value for name, value in (values | changes).items() if value and (name, value) != ("view", "all")}
