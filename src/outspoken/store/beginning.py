"""A discussion begins with its first comment: both come in as one piece of work, or neither does."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from outspoken.discussion.thread import Opening, Site, Story, Thread
from outspoken.store.publishing import publish
from outspoken.store.sealing import Entropy
from outspoken.store.submission import Receipt, Submission
from outspoken.store.threads import open_thread, thread_at


class Begun(Exception):
    """Another began the discussion first. It can be found by its addresses."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A page of a site that has no discussion yet."""

    site: Site
    story: Story
    addresses: tuple[str, ...]
    """Under which its discussion will be known."""

    def as_thread(self, id: str) -> Thread:
        """Return the thread as it will be."""
        never = datetime.fromtimestamp(0, UTC)
        return Thread(id, self.site.name, self.story, Opening.OPEN, comments=0, version=0, opened=never, active=None)


def begin(
    connection: sa.Connection, beginning: Beginning, submission: Submission, now: datetime, entropy: Entropy
) -> Receipt:
    """Open a discussion and take in its first comment. `submission.thread` is its id.

    Raises:
        Begun: if one of its addresses leads to a discussion already.
        Refusal: as `publish` says.
    """
    site = beginning.site.name
    try:
        open_thread(
            connection,
            id=submission.thread,
            site=site,
            story=beginning.story,
            addresses_of_page=beginning.addresses,
            now=now,
        )
    except sa.exc.IntegrityError as clash:
        # Another process gave an address away at the same moment.
        raise Begun from clash
    if thread_at(connection, site, beginning.addresses) != submission.thread:
        raise Begun
    return publish(connection, submission, now, entropy)
