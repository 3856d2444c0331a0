"""Pages of other servers in which our discussions stand: which they are, and whether they are a site's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from outspoken.discussion.errors import Invalid, NotFound
from outspoken.discussion.thread import Site
from outspoken.store.sites import site_named
from outspoken.transfer.addresses import LONGEST_URL, fold_url, origin_of

_NAME = re.compile(r"[a-z0-9-]{1,63}")
_LONGEST_IDENTIFIER = 1_024


@dataclass(frozen=True, slots=True)
class HostPage:
    """A page in which a discussion is to stand, as it says of itself."""

    site: str
    url: str = ""
    identifier: str = ""

    @property
    def addresses(self) -> list[str]:
        """Return under what its thread may be known; the identifier of an old system comes first."""
        named = [f"id:{self.identifier}"] if self.identifier else []
        return [*named, fold_url(self.url)] if self.url else named


def host_page(fields: Mapping[str, str]) -> HostPage:
    """Return the page that an address or a form names.

    Raises:
        Invalid: if it names none, or one that can't be.
    """
    page = HostPage(fields.get("site", ""), fields.get("url", "").strip(), fields.get("identifier", ""))
    if not _NAME.fullmatch(page.site):
        raise Invalid("site", "Name the site that the page belongs to.")
    if not (page.url or page.identifier):
        raise Invalid("url", "Name the page whose discussion is meant.")
    if len(page.url) > LONGEST_URL or len(page.identifier) > _LONGEST_IDENTIFIER:
        raise Invalid("url", "This is too long for the address of a page.")
    try:
        _ = page.addresses
    except ValueError as wrong:
        raise Invalid("url", "This isn't the address of a page.") from wrong
    return page


def own_site(asked: sa.Connection, page: HostPage) -> Site:
    """Return the site that a page belongs to.

    Raises:
        NotFound: if there is no such site, or the page lives elsewhere.
    """
    site = site_named(asked, page.site)
    if not page.url or origin_of(page.url) not in {origin.rstrip("/").lower() for origin in site.origins}:
        raise NotFound("This page isn't one of the site's, so there is no discussion of it here.")
    return site
