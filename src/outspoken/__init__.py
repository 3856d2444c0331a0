"""Outspoken: the discussion under the story."""

__version__ = "0.1.0"
