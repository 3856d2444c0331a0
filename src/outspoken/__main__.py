"""`python -m outspoken`, for where the program isn't installed."""

from outspoken.cli import app

app()
