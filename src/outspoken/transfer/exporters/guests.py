"""Addresses for people who never gave one, in formats whose readers tell people apart by their e-mail alone."""

NAMELESS = "anonymous"
"""Who gave no name, where there has to be one."""


def mailbox(guest: str) -> str:
    """Return an address that can't be anybody's. Source: RFC 2606, 2, which keeps `.invalid` free."""
    return f"{guest}@guest.invalid"
