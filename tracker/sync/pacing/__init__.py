"""When a tracker may be asked, by whom, and how long to wait."""
