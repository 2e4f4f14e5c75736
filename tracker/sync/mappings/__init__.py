"""Who our people are in a tracker, and what its new tickets are filled with."""
