"""What each released version left in its tables, kept so that every later one is tried on it."""
