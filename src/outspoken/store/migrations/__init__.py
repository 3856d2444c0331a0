"""Alembic's folder: one file a step, reviewed, never changed after a release."""
