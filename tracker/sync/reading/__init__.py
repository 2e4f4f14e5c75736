"""Reading tickets: by lists, by identity, and what was seen of each."""
