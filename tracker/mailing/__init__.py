"""The outbox of messages: what is written to whom, and its delivery."""
