"""Every tone of the style sheet is readable on its grounds in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from tracker.paths import STATIC

TEXT = 4.5
CONTROL_EDGE = 3.0
THEMES = ("light", "dark")
TONES = ("ink", "muted", "accent", "danger", "warn", "good", "info", "waiting", "calm")
GROUNDS = ("bg", "surface", "sunken", "raised")
FILLS = ("accent-fill", "accent-fill-hover", "danger-fill", "danger-fill-hover", "sev1-fill", "sev2-fill")
SOFT_UNDER_TEXT = ("calm-soft", "accent-soft", "warn-soft", "danger-soft", "good-soft", "info-soft")


def colours() -> dict[str, tuple[str, str]]:
    css = (STATIC / "css" / "app.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pairs(colour: dict[str, tuple[str, str]], theme: int) -> list[tuple[str, float, float]]:
    def pair(front: str, ground: str, least: float = TEXT) -> tuple[str, float, float]:
        return f"{front} on {ground}", contrast(colour[front][theme], colour[ground][theme]), least

    found = [pair(tone, ground) for tone in TONES for ground in GROUNDS]
    found += [pair(tone, f"{tone}-soft") for tone in TONES if f"{tone}-soft" in colour]
    found += [pair(tone, soft) for tone in ("ink", "muted") for soft in SOFT_UNDER_TEXT]
    found += [(f"white on {fill}", contrast("#ffffff", colour[fill][theme]), TEXT) for fill in FILLS]
    return found + [pair("line-strong", ground, CONTROL_EDGE) for ground in GROUNDS]


@pytest.mark.parametrize("theme", THEMES)
def test_every_tone_is_readable_on_its_grounds(theme: str) -> None:
    measured = pairs(colours(), THEMES.index(theme))

    assert len(measured) > 60
    assert [f"{name}: {ratio:.2f}" for name, ratio, least in measured if ratio < least] == []
