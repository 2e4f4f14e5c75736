"""Pictures of every page, taken by one command: ``python -m tests.pictures``."""
