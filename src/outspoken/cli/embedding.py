"""`outspoken embed` and `outspoken render`: what a site pastes, and a discussion's HTML for pages that are built."""

from typing import Annotated

import sqlalchemy as sa
import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, SiteName, check_site_name, opened, refuse, settings_of
from outspoken.discussion.order import Sort
from outspoken.pages.articles import Articles
from outspoken.pages.fragments import Fragments
from outspoken.pages.tags import Tags
from outspoken.settings import Settings
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_at, thread_by_id
from outspoken.store.windows import window_of
from outspoken.web.hosts import HostPage, host_page, own_site

Base = Annotated[
    str, typer.Option("--base", help="Where readers find the server, such as https://talk.example; else as set.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("embed")(print_tags)
    app.command("render")(render)


def print_tags(site: SiteName, base: Base = "", data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Print what a site's pages need: the tag, with and without a hash, a frame, the lines of a strict policy."""
    check_site_name(site)
    found = _base(settings_of(data), base)
    with opened(data, database, must_be_there=True) as kept, kept.reading() as connection:
        known = site_named(connection, site)
    tags = Tags(found, site)
    origins = known.origins
    page = f"{origins[0]}/path/of/the/page" if origins else "https://news.example/path/of/the/page"
    for title, text in (
        ("The tag", tags.element()),
        (
            "The same with an integrity hash, to be pasted anew after each update",
            tags.element_with_hash(),
        ),
        ("A frame, for pages without script", tags.frame(page, known.language)),
        ("What a strict content security policy has to allow", tags.policy()),
    ):
        typer.echo(f"# {title}\n{text}\n")
    if found in origins:
        typer.echo(
            "outspoken: the server has the same address as the site's pages, so that their scripts reach everything "
            "a reader does. Give it a host name of its own.",
            err=True,
        )
        raise typer.Exit(1)
    if not origins:
        typer.echo(
            f"outspoken: {site} names no pages yet; add them with “outspoken site add {site} --origin …”", err=True
        )


def render(
    url: Annotated[str, typer.Argument(help="Address of the page.")],
    site: SiteName,
    base: Base = "",
    sort: Annotated[Sort, typer.Option("--sort")] = Sort.BEST,
    tag: Annotated[str, typer.Option("--language", help="Such as en or de; else the site's.")] = "",
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Print the discussion of a page as HTML, for a page that is built beforehand."""
    check_site_name(site)
    fragments = Fragments(_base(settings_of(data), base), Articles())
    with opened(data, database, must_be_there=True) as kept, kept.reading() as connection:
        page = host_page({"site": site, "url": url})
        typer.echo(_rendered(connection, fragments, page, sort, tag))


def _rendered(connection: sa.Connection, fragments: Fragments, page: HostPage, sort: Sort, tag: str) -> str:
    id = thread_at(connection, page.site, page.addresses)
    if id is None:
        return fragments.of_page(own_site(connection, page), page.url, tag=tag)
    thread = thread_by_id(connection, id)
    return fragments.of_thread(site_named(connection, page.site), thread, window_of(connection, id, sort), tag=tag)


def _base(settings: Settings, given: str) -> str:
    base = (given or settings.server.base).rstrip("/")
    if not base.startswith(("https://", "http://")):
        refuse("say where readers find the server, with --base or as server.base in the settings")
    return base
