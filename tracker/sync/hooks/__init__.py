"""The webhooks of trackers: what they tell, and looking at the tickets they name."""
