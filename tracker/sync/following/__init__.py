"""What an item and its ticket agree on: which side says what, and what wins when both changed."""
