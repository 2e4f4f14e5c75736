"""What every page must be: one heading, a title that starts with it, labels, unique ids, tokens, nothing inline."""

from collections import Counter

from bs4 import BeautifulSoup, Tag
from werkzeug.datastructures import Headers

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


def check_page(soup: BeautifulSoup, *, url: str, is_fragment: bool, headers: Headers) -> None:
    """Raise an ``AssertionError`` that names everything that is wrong."""
    tags = [node for node in soup.descendants if isinstance(node, Tag)]  # walked once: every selector walks anew
    faults = [*duplicate_ids(tags), *unlabelled_controls(tags), *forms_without_token(tags), *inline_code(tags)]
    if not is_fragment:
        faults += [*heading_faults(soup, tags), *header_faults(headers)]
    assert not faults, f"{url}:\n  " + "\n  ".join(faults)


def named(tags: list[Tag], *names: str) -> list[Tag]:
    return [tag for tag in tags if tag.name in names]


def heading_faults(soup: BeautifulSoup, tags: list[Tag]) -> list[str]:
    headings = named(tags, "h1")
    if len(headings) != 1:
        return [f"{len(headings)} h1 elements; a page has one"]
    heading = " ".join(headings[0].get_text(" ").split())
    title = " ".join(soup.title.get_text(" ").split()).removeprefix("Error: ") if soup.title else ""
    if not heading or not title.startswith(heading):
        return [f"the title {title!r} does not start with the heading {heading!r}"]
    return []


def header_faults(headers: Headers) -> list[str]:
    policy = headers.get("Content-Security-Policy", "")
    return (
        []
        if "default-src 'self'" in policy and "unsafe" not in policy
        else [f"weak Content-Security-Policy {policy!r}"]
    )


def duplicate_ids(tags: list[Tag]) -> list[str]:
    counted = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    return [f"id {name!r} stands {times} times" for name, times in counted.items() if times > 1]


def unlabelled_controls(tags: list[Tag]) -> list[str]:
    labelled = {str(tag["for"]) for tag in named(tags, "label") if tag.has_attr("for")}
    faults = []
    for control in named(tags, "input", "select", "textarea"):
        if control.get("type") in UNLABELLED or control.get("aria-label") or control.get("aria-labelledby"):
            continue
        if control.get("id") not in labelled and control.find_parent("label") is None:
            faults.append(f"no label for {control.get('name') or control}")
    wordless = [tag for tag in named(tags, "button") if not tag.get_text(strip=True) and not tag.get("aria-label")]
    return faults + [f"a button without words: {tag}" for tag in wordless]


def forms_without_token(tags: list[Tag]) -> list[str]:
    posts = [form for form in named(tags, "form") if str(form.get("method", "")).lower() == "post"]
    return [f"no CSRF token in the form to {form.get('action')}" for form in posts if not _token(form)]


def _token(form: Tag) -> str:
    field = form.select_one("input[name=csrf_token]")
    return str(field.get("value", "")) if field else ""


def inline_code(tags: list[Tag]) -> list[str]:
    faults = [f"inline style on <{tag.name}>" for tag in tags if tag.has_attr("style")]
    faults += ["an inline <style>" for _ in named(tags, "style")]
    scripts = [tag for tag in named(tags, "script") if not tag.has_attr("src")]
    faults += ["an inline <script>" for tag in scripts if tag.get("type") != "application/json"]
    for tag in tags:
        faults += [f"inline {name} on <{tag.name}>" for name in tag.attrs if name.startswith("on")]
        if str(tag.get("href", "")).lower().startswith("javascript:"):
            faults.append(f"a javascript: address on <{tag.name}>")
    return faults
