"""What stands behind the gateway when nobody has brought an API: a few envelopes, kept in one SQLite file."""
