"""The background jobs of this feature."""

from tracker.queue import Job

JOBS: tuple[Job, ...] = ()
