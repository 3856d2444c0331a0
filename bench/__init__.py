"""Measurements of a running server, side by side with nginx serving the same bytes from files."""
