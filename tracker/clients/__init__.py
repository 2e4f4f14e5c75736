"""The only code that leaves the process: trackers of tickets, and mail."""
