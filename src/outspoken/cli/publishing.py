"""`outspoken site` and `outspoken publish`: a publication and its stories."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, SiteName, check_site_name, now, opened, refuse
from outspoken.discussion.thread import Opening, Site, Story
from outspoken.pages.translations import spoken_tag
from outspoken.store import sites, threads
from outspoken.text.hygiene import clean
from outspoken.transfer.addresses import fold_url, origin_of

ThreadId = Annotated[str, typer.Argument(metavar="THREAD", help="Id of the thread, as in its address.")]
LONGEST_TICK = 900
"""Seconds."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    site = typer.Typer(help="Publications.", no_args_is_help=True)
    site.command("add")(add_site)
    site.command("list")(list_sites)
    app.add_typer(site, name="site")
    app.command()(publish)
    thread = typer.Typer(help="Open and close discussions.", no_args_is_help=True)
    for opening in Opening:
        thread.command(opening.value)(_setter(opening))
    app.add_typer(thread, name="thread")


def add_site(
    name: Annotated[str, typer.Argument(help="Short name: a-z, 0-9 and hyphens.")],
    title: Annotated[str, typer.Option("--title", help="As readers see it.")],
    origins: Annotated[
        list[str] | None, typer.Option("--origin", help="Where its pages live, such as https://news.example.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Such as en, de or zh-CN.")] = "en",
    staff_names: Annotated[
        list[str] | None, typer.Option("--staff-name", help="A name nobody else may come close to.")
    ] = None,
    is_indexed: Annotated[bool, typer.Option("--indexed/--not-indexed", help="Invite search engines.")] = True,
    live_tick: Annotated[
        int,
        typer.Option(
            "--live-tick",
            min=0,
            max=LONGEST_TICK,
            help="Tell open pages of news only every so many seconds, a little later by chance: where readers are "
            "at risk, so that nobody can match an event to whoever wrote at that moment.",
        ),
    ] = 0,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Add a site, or change the one of that name."""
    check_site_name(name)
    with opened(data, database) as kept, kept.writing() as connection:
        site = Site(
            name, title, tuple(map(_origin, origins or ())), language, tuple(staff_names or ()), is_indexed, live_tick
        )
        sites.add_site(connection, site)
    typer.echo(f"The site {name} is ready.")
    if not spoken_tag(language):
        typer.echo(f"There are no texts in the language {language} yet: its pages speak English.")


def _origin(text: str) -> str:
    """Return where pages live as browsers say it, or end: nothing else may be let frame us."""
    origin = origin_of(text)
    if not origin or origin != text.rstrip("/").lower():
        refuse(f"“{text}” isn't where pages live; give scheme and host alone, such as https://news.example")
    return origin


def list_sites(data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Name the sites there are."""
    with opened(data, database, must_be_there=True) as kept, kept.reading() as connection:
        for site in sites.all_sites(connection):
            typer.echo(f"{site.name}\t{site.title}\t{' '.join(site.origins)}")


def publish(
    headline: Annotated[str, typer.Option("--headline")],
    site: SiteName,
    url: Annotated[str | None, typer.Option("--url", help="The page the story stands on.")] = None,
    attribution: Annotated[str, typer.Option("--attribution", help="Who reported it.")] = "",
    attribution_url: Annotated[str | None, typer.Option("--attribution-url")] = None,
    excerpt_file: Annotated[
        Path | None,
        typer.Option("--excerpt-file", help="Quoted part of the story, plain text.", exists=True, dir_okay=False),
    ] = None,
    published: Annotated[datetime | None, typer.Option("--published", help="When, in UTC; now if not given.")] = None,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Publish a story and open its discussion; prints the thread's id."""
    addresses = []
    if url is not None:
        try:
            addresses = [fold_url(url)]
        except ValueError as wrong:
            refuse(str(wrong))
    id = threads.new_thread_id(os.urandom)
    story = Story(
        headline=" ".join(clean(headline).split()),
        url=url,
        attribution=clean(attribution),
        attribution_url=attribution_url,
        excerpt=_text_of(excerpt_file) if excerpt_file else "",
        published=published.replace(tzinfo=UTC) if published else now(),
    )
    with opened(data, database) as kept, kept.writing() as connection:
        _check_origin(sites.site_named(connection, site), url)
        there = threads.thread_at(connection, site, addresses) if addresses else None
        if there is not None:
            refuse(f"this page has a discussion already: {there}")
        threads.open_thread(connection, id=id, site=site, story=story, addresses_of_page=addresses, now=now())
    typer.echo(id)


def _text_of(file: Path) -> str:
    try:
        return clean(file.read_text("utf-8")).strip()
    except UnicodeDecodeError:
        refuse(f"{file} isn't UTF-8 text")
    except OSError as wrong:
        refuse(f"{file}: {wrong.strerror}")


def _check_origin(site: Site, url: str | None) -> None:
    """End if a page isn't one of the site's, where it is known which are."""
    if url is None or not site.origins:
        return
    if origin_of(url) not in {origin.rstrip("/").lower() for origin in site.origins}:
        refuse(f"{url} isn't a page of {site.name}; its pages live at {', '.join(site.origins)}.")


def _setter(opening: Opening) -> Callable[..., None]:
    def set_opening(thread: ThreadId, data: Data = HERE, database: DatabaseUrl = None) -> None:
        with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
            threads.set_opening(connection, thread, opening)
        typer.echo(f"The discussion {thread} is {opening} now.")

    set_opening.__doc__ = f"Make a discussion {opening}."
    return set_opening
