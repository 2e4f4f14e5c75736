"""The command line of this feature: bring postmortems in, take everything out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tracker import audit, clock, words
from tracker.console import as_json, in_app, print_json, the_app
from tracker.db import transaction
from tracker.errors import FollowthroughError
from tracker.transfer import queries
from tracker.transfer.backing_up import back_up, keeps_its_key
from tracker.transfer.exporting import exported_files
from tracker.transfer.importing import Choices, Companions, Fate, Outcome, Preview, write_outcome
from tracker.transfer.private_files import private_file, private_folder
from tracker.transfer.restoring import restore as put_back
from tracker.transfer.sources import MANIFEST, PassedOver, Source, find_sources, printable
from tracker.transfer.whole import import_everything
from tracker.wiring import settings
from tracker.zones import zone_named


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--service", "slug", metavar="SLUG", help="The service that these incidents belong to.")
@click.option("--zone", metavar="ZONE", help="Time zone of times that state none: Europe/Copenhagen, UTC+2.")
@click.option("--day-first/--month-first", default=None, help="How to read dates such as 10/11/2022.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken; change nothing.")
@click.option("--everything", is_flag=True, help="All tables of one export, into an installation not used yet.")
@as_json
@in_app
def import_documents(
    paths: tuple[Path, ...],
    slug: str | None,
    zone: str | None,
    day_first: bool | None,
    dry_run: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """Take Markdown postmortems in as published postmortems with timeline and items.

    PATH is a file or a folder. A second import of the same file changes nothing.
    """
    if everything:
        if len(paths) != 1 or slug or zone or day_first is not None or dry_run or as_json:
            raise click.UsageError("--everything takes the folder of one export, and no other option.")
        _import_everything(paths[0])
        return
    if zone and zone_named(zone) is None:
        raise click.UsageError(f"{zone!r} is not a time zone, such as Europe/Copenhagen or UTC+2.")
    service = queries.get_service(slug) if slug else None
    choices = Choices(zone=zone, day_first=day_first, service=service, keep_numbers=queries.is_empty())
    found = list(find_sources(paths))
    outcomes = list(_outcomes(found, choices=choices, dry_run=dry_run))
    if not dry_run:
        _note_import(outcomes)
    report = _json_report if as_json else _text_report
    report(outcomes, passed=[one for one in found if isinstance(one, PassedOver)], dry_run=dry_run)
    refused = sum(outcome.fate is Fate.REFUSED for outcome in outcomes)
    if refused:
        raise FollowthroughError(f"{words.count(refused, 'file')} could not be taken; the reasons stand above.")
    if not outcomes:
        raise FollowthroughError(
            "No Markdown or text file was found there. Give a .md file, or a folder that holds some."
        )


def _import_everything(folder: Path) -> None:
    settled = import_everything(folder)
    with transaction():
        audit.note("import_everything", folder.name, by=None, now=clock.utcnow())
    click.echo(f"{words.count(queries.count_incidents(), 'incident')} and all other tables are here.")
    click.echo("No export has passwords and tokens: give each person a link with `followthrough user link EMAIL`, ")
    click.echo("and enter the tokens of trackers, channels and webhooks again under Settings.")
    for remark in settled.remarks:
        click.echo(remark)


def _outcomes(found: Sequence[Source | PassedOver], *, choices: Choices, dry_run: bool) -> Iterator[Outcome]:
    now = clock.utcnow()
    preview = Preview(choices=choices, now=now)
    with click.progressbar(
        found, label="Reading", file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True
    ) as sources:
        for source in sources:
            if isinstance(source, PassedOver):
                continue
            try:
                content, beside = source.read(), Companions(source.read_sidecar(), source.read_pictures())
            except OSError as error:
                sentence = f"It cannot be read ({error.strerror})."
                yield Outcome(name=source.name, fate=Fate.REFUSED, sentence=sentence)
                continue
            for outcome in preview.of(content, name=source.name, beside=beside):
                done = outcome if dry_run else write_outcome(outcome, choices=choices, by=None, now=now)
                yield done.without_pictures()


def _note_import(outcomes: Sequence[Outcome]) -> None:
    taken = [outcome.ref for outcome in outcomes if outcome.fate is Fate.IMPORTED]
    if taken:
        with transaction():
            audit.note("import_documents", words.count(len(taken), "document"), by=None, now=clock.utcnow())


def _text_report(outcomes: Sequence[Outcome], *, passed: Sequence[PassedOver], dry_run: bool) -> None:
    for outcome in outcomes:
        mark = {Fate.IMPORTED: "taken", Fate.READ: "would be taken"}.get(outcome.fate, "not taken")
        click.echo(f"{printable(outcome.name)}: {mark}. {outcome.sentence}")
        for warning in outcome.warnings:
            click.echo(f"    {warning}")
        for part in outcome.parts if dry_run else ():
            click.echo(f"    {part.told}")
    for one in passed:
        click.echo(f"{printable(one.name)}: not read. It {one.why}.")
    taken = sum(outcome.fate in (Fate.IMPORTED, Fate.READ) for outcome in outcomes)
    parts = [f"{words.count(taken, 'incident')} {'would be ' if dry_run else ''}taken"]
    parts += [f"{len(outcomes) - taken} not taken", f"{words.count(len(passed), 'other file')} not read"]
    click.echo(", ".join(parts) + ".")


def _json_report(outcomes: Sequence[Outcome], *, passed: Sequence[PassedOver], dry_run: bool) -> None:
    documents = [
        {
            "name": outcome.name,
            "fate": outcome.fate.value,
            "sentence": outcome.sentence,
            "ref": outcome.ref or None,
            "warnings": list(outcome.warnings),
            "left_over": list(outcome.left_over),
            "parts": [{"to": part.heading, "texts": list(part.texts)} for part in outcome.parts],
        }
        for outcome in outcomes
    ]
    others = [{"name": one.name, "why": one.why} for one in passed]
    print_json({"dry_run": dry_run, "documents": documents, "not_read": others})


@click.command("export")
@click.option("--out", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path, file_okay=False))
@in_app
def export(folder: Path) -> None:
    """Write everything to DIR: each incident as Markdown and JSON, every table as JSON. Passwords and tokens stay."""
    private_folder(folder)
    if any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise FollowthroughError(f"{folder} holds other files. Choose an empty folder, or that of an earlier export.")
    now = clock.utcnow()
    count = queries.count_incidents()
    with click.progressbar(
        length=count, label="Writing", file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True
    ) as bar:
        for name, content in exported_files(now=now):
            path = folder / name
            private_folder(path.parent)
            with private_file(path) as file:
                file.write(content)
            bar.update(1 if name.endswith(".md") else 0)
    with transaction():
        audit.note("export_everything", "on the command line", by=None, now=now)
    click.echo(f"{words.count(count, 'incident')} and all tables are in {folder}. Only you can read the files.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", "may_replace", is_flag=True, help="Write over FILE if it is there already.")
@in_app
def backup(file: Path, may_replace: bool) -> None:
    """Write the whole instance to FILE, while it runs: database, secret key, settings, mails in the outbox."""
    if file.exists() and not may_replace:
        raise FollowthroughError(f"{file} is there already. Choose another name, or say --replace.")
    made = back_up(file, settings=settings(), now=clock.utcnow())
    with transaction():
        audit.note("make_backup", file.name, by=None, now=clock.utcnow())
    click.echo(f"{words.count(made.incidents, 'incident')} and everything else are in {file}. Keep it like a password.")
    if not keeps_its_key(settings()):
        click.echo("SECRET_KEY is set from outside and not in the file: keep it too, it opens the stored tokens.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", "may_replace", is_flag=True, help="Put the backup in the place of what is here.")
def restore(file: Path, may_replace: bool) -> None:
    """Put the backup in FILE back, while the program runs or not. What is here is only replaced if you say so."""
    with the_app().app_context():
        done = put_back(file, settings=settings(), may_replace=may_replace)
        with transaction():
            audit.note("restore_backup", f"as of {done.manifest.made_at[:16]}", by=None, now=clock.utcnow())
    click.echo(f"Restored as of {done.manifest.made_at[:16].replace('T', ' ')} UTC, with ", nl=False)
    click.echo(f"{words.count(done.manifest.incidents, 'incident')}.")
    for remark in done.remarks:
        click.echo(remark)


COMMANDS: tuple[click.Command, ...] = (import_documents, export, backup, restore)
