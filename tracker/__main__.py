"""``python -m tracker`` is the command ``followthrough``."""

from tracker.cli import main

main()
