"""Telling tickets what changed here: fields and comments."""
