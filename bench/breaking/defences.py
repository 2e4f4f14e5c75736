"""What stops each attack, as a piece of the program that can be taken away, and the test that must go red then."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    path: str
    is_now: str
    """Stands in the file once."""
    without: str


@dataclass(frozen=True)
class Defence:
    attack: str
    lines: tuple[Line, ...]
    """More than one where the second still stops what the first let through: they are taken away together."""
    test: str


ATTACKS = "tests/attacks"
DEFENCES = (
    Defence(
        "script in a text, as Markdown",
        (Line("tracker/markdown.py", "_link_references(cleaned)", "_link_references(raw)"),),
        "tests/core/test_markdown_attacks.py",
    ),
    Defence(
        "script in a title, on a page",
        (
            Line(
                "templates/incidents/show.html",
                "</span> {{ incident.title }}{% endblock",
                "</span> {{ incident.title | safe }}{% endblock",
            ),
        ),
        f"{ATTACKS}/test_texts.py::test_a_hostile_text_is_only_ever_text",
    ),
    Defence(
        "formula in a CSV",
        (Line("tracker/spreadsheets.py", 'return "\'" + value if', "return value if"),),
        f"{ATTACKS}/test_texts.py::test_a_hostile_text_is_only_ever_text",
    ),
    Defence(
        "SQL in a search",
        (
            Line(
                "tracker/accounts/audit_queries.py",
                "AuditEntry.action == wanted.action",
                "cast(AuditEntry.action, String).op(f\"= '{wanted.action}' or 'x' =\")('y')",
            ),
        ),
        f"{ATTACKS}/test_any_bytes.py::test_no_value_of_an_address_breaks_a_page_or_becomes_sql",
    ),
    Defence(
        "a form of another site (CSRF)",
        (
            Line(
                "tracker/sessions.py",
                "    csrf.init_app(app)",
                '    app.config["WTF_CSRF_CHECK_DEFAULT"] = False\n    csrf.init_app(app)',
            ),
        ),
        "tests/rules/test_access.py::test_every_change_without_the_token_of_a_form_is_refused",
    ),
    Defence(
        "a private incident by its number (IDOR)",
        (
            Line(
                "tracker/models/visibility.py",
                "return public if person_id is None else or_(public, _is_named(person_id))",
                "return Incident.id > 0",
            ),
        ),
        f"{ATTACKS}/test_other_peoples_things.py::test_what_is_private_is_not_found_by_any_other_name",
    ),
    Defence(
        "an address inside (SSRF): tracker, webhook, chat",
        (Line("tracker/clients/addresses.py", "        if not is_public(address):", "        if not address:"),),
        f"{ATTACKS}/test_addresses.py::test_no_address_that_an_administrator_enters_leads_inside",
    ),
    Defence(
        "an address inside (SSRF): provider of single sign-on",
        (
            Line("tracker/clients/addresses.py", "        if not is_public(address):", "        if not address:"),
            Line(
                "tracker/clients/addresses.py",
                "allowed_hosts=allowed_hosts) and not is_public(peer):",
                "allowed_hosts=allowed_hosts) and not peer:",
            ),
        ),
        "tests/accounts/test_single_sign_on.py::test_a_provider_does_not_lead_us_to_other_hosts_inside",
    ),
    Defence(
        "an address of a picture elsewhere",
        (
            Line("tracker/markdown.py", " or not OWN_PICTURE.fullmatch(address):", ":"),
            Line("tracker/markdown.py", "        attribute_filter=_only_own_pictures,\n", ""),
        ),
        "tests/core/test_markdown_attacks.py",
    ),
    Defence(
        "a planted session (fixation)",
        (
            Line(
                "tracker/sessions.py",
                "    token = new_token()\n",
                "    token = str(cookie.get(TOKEN) or new_token())\n",
            ),
            Line(
                "tracker/sessions.py",
                "        _drop_forgotten(person, now=now)\n",
                "        session.execute(delete(PersonSession).where(PersonSession.token_hash == token_hash(token)))\n",
            ),
        ),
        f"{ATTACKS}/test_addresses.py::test_a_session_that_somebody_planted_is_nobodys",
    ),
    Defence(
        "guessing passwords",
        (Line("tracker/accounts/guessing.py", "        _refuse_too_many(one, now=now)", "        pass"),),
        f"{ATTACKS}/test_guessing.py::test_a_known_browser_has_no_more_guesses_than_any_other",
    ),
    Defence(
        "the Host header in a mail",
        (
            Line(
                "tracker/accounts/routes.py",
                'settings().base_url + url_for("accounts.link", token=token, next=after)',
                'url_for("accounts.link", token=token, next=after, _external=True)',
            ),
        ),
        f"{ATTACKS}/test_addresses.py::test_no_mail_leads_where_the_host_header_says",
    ),
    Defence(
        "a redirect to another site",
        (Line("tracker/security.py", 'and not target.startswith(("//", "/\\\\")) and "\\\\" not in target', ""),),
        f"{ATTACKS}/test_addresses.py::test_what_a_browser_takes_for_another_site_is_no_path_of_ours",
    ),
    Defence(
        "a path that leads elsewhere, in a restore",
        (Line("tracker/transfer/backup_files.py", "if _MAIL.fullmatch(name)]", 'if name.endswith(".eml")]'),),
        "tests/transfer/test_backup.py::test_names_that_lead_elsewhere_are_passed_over",
    ),
    Defence(
        "a bomb in a restore",
        (
            Line(
                "tracker/transfer/backup_files.py",
                "if is_beside and member.file_size > LARGEST_BESIDE:",
                "if not member.filename:",
            ),
        ),
        f"{ATTACKS}/test_bombs.py::test_a_backup_whose_small_parts_are_large_is_not_unpacked",
    ),
    Defence(
        "a bomb in an import, taken in",
        (
            Line("tracker/transfer/uploads.py", "    if len(content) > limit:", "    if limit < 0:"),
            Line("tracker/transfer/uploads.py", "sum(map(len, found.values())) > LARGEST_TOTAL:", "not found:"),
        ),
        "tests/transfer/test_routes.py::test_a_bomb_is_stopped_with_a_sentence",
    ),
    Defence(
        "a bomb in an import, unpacked",
        (Line("tracker/transfer/uploads.py", "file.read(limit + 1)", "file.read()"),),
        f"{ATTACKS}/test_bombs.py::test_a_bomb_in_an_import_is_unpacked_to_its_limit_and_no_further",
    ),
    Defence(
        "a text that takes minutes",
        (Line("tracker/markdown.py", "if bracket_steps(text) > MOST_STEPS:", "if not text:"),),
        f"{ATTACKS}/test_bombs.py::test_what_would_take_long_is_shown_as_it_was_typed",
    ),
    Defence(
        "a forged delivery of a tracker",
        (
            Line(
                "tracker/sync/hooks/reading.py",
                'return hmac.compare_digest(expected.encode(), signature.strip().lower().encode(errors="replace"))',
                "return bool(expected)",
            ),
        ),
        "tests/sync/test_webhooks.py::test_what_is_not_signed_with_the_secret_does_nothing",
    ),
    Defence(
        "a delivery played again",
        (Line("tracker/sync/hooks/operations.py", "is None or session.scalar(told_before) is not None:", "is None:"),),
        "tests/sync/test_webhooks.py::test_the_same_delivery_counts_once_under_whatever_number",
    ),
    Defence(
        "a token that is nearly right",
        (
            Line(
                "tracker/api/access.py",
                "ApiToken.token_hash == token_hash(secret.strip())",
                "ApiToken.first_characters == secret.strip()[:9]",
            ),
        ),
        f"{ATTACKS}/test_guessing.py::test_a_token_is_no_better_for_being_nearly_right",
    ),
)
