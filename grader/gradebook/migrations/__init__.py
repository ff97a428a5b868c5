"""Alembic's scripts that bring an older gradebook up to date, version by version."""
