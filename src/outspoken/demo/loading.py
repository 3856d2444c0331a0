"""Making the example site: its comments, votes, edits and removals go through the same doors as real ones."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Body, Quotation
from outspoken.discussion.state import Actor, Event, State
from outspoken.discussion.thread import Site, Story
from outspoken.identity.keys import ThreadKey, thread_key
from outspoken.store import changes, publishing, sites, threads
from outspoken.store.database import Database
from outspoken.store.sealing import Entropy
from outspoken.store.submission import Submission
from outspoken.store.votes import take_votes
from outspoken.store.windows import ancestors_of, comment_at
from outspoken.text.markup import Markup
from outspoken.text.quotations import find_quotations
from outspoken.text.render import RENDERER, render
from outspoken.transfer.addresses import fold_url


def load_demo(database: Database, now: datetime, entropy: Entropy) -> str:
    """Fill an empty database with the example site and return the id of its liveliest thread."""
    example = tomllib.loads(files("outspoken.demo").joinpath("discussion.toml").read_text("utf-8"))
    site = Site(
        name=example["site"]["name"],
        title=example["site"]["title"],
        origins=tuple(example["site"]["origins"]),
        staff_names=("The Lamplight Ledger", "Moderator"),
    )
    ids: dict[str, int] = {}
    for story in example["story"]:
        with database.writing() as connection:
            sites.add_site(connection, site)
            id = _open(connection, site, story, now, entropy)
            _Discussion(connection, id, story, now - timedelta(days=story["days_ago"]), entropy).tell()
        ids[id] = len(story["comment"])
    return max(ids, key=lambda id: ids[id])


def _open(connection: sa.Connection, site: Site, story: Mapping[str, Any], now: datetime, entropy: Entropy) -> str:
    id = threads.new_thread_id(entropy)
    published = now - timedelta(days=story["days_ago"])
    threads.open_thread(
        connection,
        id=id,
        site=site.name,
        story=Story(
            headline=story["headline"],
            url=story["url"],
            attribution=story.get("attribution", ""),
            attribution_url=story.get("attribution_url"),
            excerpt=story["excerpt"].strip(),
            published=published,
        ),
        addresses_of_page=[fold_url(story["url"])],
        now=published,
    )
    return id


class _Discussion:
    """One story's example discussion, told from its beginning."""

    def __init__(
        self, connection: sa.Connection, thread: str, story: Mapping[str, Any], published: datetime, entropy: Entropy
    ) -> None:
        self._connection = connection
        self._thread = thread
        self._story = story
        self._published = published
        self._entropy = entropy
        self._numbers: dict[str, int] = {}

    def tell(self) -> None:
        """Let everybody write, then vote, edit and take back."""
        for comment in self._story["comment"]:
            self._numbers[comment["key"]] = self._write(comment)
        for comment in self._story["comment"]:
            self._vote(comment)
            self._follow_up(comment)

    def _write(self, comment: Mapping[str, Any]) -> int:
        parent = self._numbers[comment["parent"]] if "parent" in comment else 0
        key = self._key_of(comment)
        body = _body(comment["body"])
        submission = Submission(
            thread=self._thread,
            parent=parent,
            name=comment.get("name", ""),
            mark=key.mark,
            key_hash=key.hash,
            body=body,
            quotes=self._quotes(body, parent),
            idempotency_key=self._entropy(16),
            state=State.PUBLISHED,
        )
        return publishing.publish(self._connection, submission, self._at(comment), self._entropy).number

    def _quotes(self, body: Body, parent: int) -> tuple[Quotation, ...]:
        above = []
        if parent:
            above = [
                comment_at(self._connection, self._thread, parent),
                *reversed(ancestors_of(self._connection, self._thread, parent)),
            ]
        texts = {comment.number: comment.body.html for comment in above if comment.body}
        return find_quotations(body.html, self._story["excerpt"].strip(), texts)

    def _vote(self, comment: Mapping[str, Any]) -> None:
        number = self._numbers[comment["key"]]
        values = {
            sha256(f"{self._thread}|{value}|{reader}".encode()).digest()[:16]: value
            for value, count in ((1, comment.get("up", 0)), (-1, comment.get("down", 0)))
            for reader in range(count)
        }
        take_votes(self._connection, self._thread, number, values)

    def _follow_up(self, comment: Mapping[str, Any]) -> None:
        number, later = self._numbers[comment["key"]], self._at(comment) + timedelta(minutes=9)
        key = self._key_of(comment)
        if comment.get("edited"):
            body = _body(comment["body"])
            changes.edit(
                self._connection,
                *(self._thread, number),
                key_hash=key.hash,
                body=body,
                quotes=self._quotes(body, self._numbers.get(comment.get("parent", ""), 0)),
                hold=None,
                now=later,
                entropy=self._entropy,
            )
        if comment.get("deleted"):
            changes.delete(self._connection, self._thread, number, key_hash=key.hash, now=later)
        if comment.get("removed"):
            changes.change_state(
                self._connection,
                *(self._thread, number, Event.REMOVE, Actor.MODERATOR),
                rule="house rules",
                reason="It attacked a person and not what was said.",
                now=later,
            )

    def _key_of(self, comment: Mapping[str, Any]) -> ThreadKey:
        browser = sha256(f"example reader {comment.get('name', comment['key'])}".encode()).digest()
        return thread_key(browser, self._thread)

    def _at(self, comment: Mapping[str, Any]) -> datetime:
        return self._published + timedelta(minutes=comment["minutes"])


def _body(text: str) -> Body:
    source = text.strip("\n")
    return Body(source, Markup.MARKDOWN, render(source, Markup.MARKDOWN), RENDERER)
