"""Making tickets, never two for one item."""
