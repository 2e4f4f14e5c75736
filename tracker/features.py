"""The features, in one list each: their addresses and their background jobs."""

from flask import Blueprint

import tracker.accounts.routes
import tracker.actions.routes
import tracker.api.docs_routes
import tracker.api.routes
import tracker.catalog.routes
import tracker.drills.routes
import tracker.health.routes
import tracker.incidents.routes
import tracker.library.jobs
import tracker.library.routes
import tracker.mailing.channel_routes
import tracker.mailing.choice_routes
import tracker.mailing.jobs
import tracker.mailing.routes
import tracker.my_work.routes
import tracker.postmortems.routes
import tracker.postmortems.template_routes
import tracker.readiness.routes
import tracker.recurrence.jobs
import tracker.recurrence.routes
import tracker.reminders.jobs
import tracker.reminders.routes
import tracker.reports.jobs
import tracker.reports.routes
import tracker.status.routes
import tracker.sync.jobs
import tracker.sync.routes
import tracker.transfer.paste_routes
import tracker.transfer.routes
import tracker.webhooks.jobs
import tracker.webhooks.routes
from tracker.api.blueprint import init_api
from tracker.health.requests_counted import init_metrics
from tracker.queue import Job
from tracker.status.kept import init_status

__all__ = ["BLUEPRINTS", "JOBS", "init_api", "init_metrics", "init_status"]

BLUEPRINTS: tuple[Blueprint, ...] = (
    tracker.my_work.routes.blueprint,
    tracker.accounts.routes.blueprint,
    tracker.incidents.routes.blueprint,
    tracker.postmortems.routes.blueprint,
    tracker.postmortems.template_routes.template_blueprint,
    tracker.library.routes.blueprint,
    tracker.actions.routes.blueprint,
    tracker.sync.routes.blueprint,
    tracker.recurrence.routes.blueprint,
    tracker.reminders.routes.blueprint,
    tracker.reports.routes.blueprint,
    tracker.catalog.routes.blueprint,
    tracker.readiness.routes.blueprint,
    tracker.drills.routes.blueprint,
    tracker.mailing.routes.blueprint,
    tracker.webhooks.routes.blueprint,
    tracker.mailing.choice_routes.choice_blueprint,
    tracker.mailing.channel_routes.channel_blueprint,
    tracker.transfer.routes.blueprint,
    tracker.transfer.paste_routes.blueprint,
    tracker.health.routes.blueprint,
    tracker.status.routes.blueprint,
    tracker.api.docs_routes.blueprint,
)

JOBS: tuple[Job, ...] = (
    *tracker.sync.jobs.JOBS,
    *tracker.recurrence.jobs.JOBS,
    *tracker.library.jobs.JOBS,
    *tracker.reports.jobs.JOBS,
    *tracker.reminders.jobs.JOBS,
    *tracker.mailing.jobs.JOBS,
    *tracker.webhooks.jobs.JOBS,
)
