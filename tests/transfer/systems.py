"""The systems that people leave: who writes their files here, and what such a file can tell of a discussion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from outspoken.discussion.state import State
from tests.transfer.made_up import PAGES, MadeUp
from tests.transfer.made_up_blogs import Made
from tests.transfer.writing_artalk import write_artalk_yaml, write_artrans
from tests.transfer.writing_blogger import blogger, takeout
from tests.transfer.writing_commento import write_comentario, write_commento
from tests.transfer.writing_coral import write_coral, write_coral_legacy
from tests.transfer.writing_disqus import disqus, disqus_json
from tests.transfer.writing_feeds import atom, rss
from tests.transfer.writing_isso import write_isso, write_isso_json
from tests.transfer.writing_movable_type import movable_type
from tests.transfer.writing_remark42 import write_remark42
from tests.transfer.writing_staticman import write_staticman
from tests.transfer.writing_topics import write_discourse, write_hypothesis
from tests.transfer.writing_valine import write_twikoo, write_valine, write_valine_lines, write_waline
from tests.transfer.writing_wxr import FAULTS, wxr

Write = Callable[[Path, Sequence[MadeUp]], None]
HELD, DELETED, REMOVED, SPAM = State.HELD, State.DELETED, State.REMOVED, State.SPAM


@dataclass(frozen=True)
class System:
    """What one of them writes."""

    name: str
    format: str
    write: Write
    file: str = "export"
    states: tuple[State, ...] = ()
    """Which it tells apart, besides what is published."""
    depth: int = 100
    """How deep its replies can be."""
    is_one_topic: bool = False

    @property
    def names_parents(self) -> bool:
        """Whether a reply tells which comment it answers, wherever that one stands."""
        return self.depth > 1


def _blog(write: Callable[[Sequence[Made]], bytes]) -> Write:
    """Return a writer of one file, which knows pages by their numbers."""

    def writing(path: Path, made: Sequence[MadeUp]) -> None:
        path.write_bytes(
            write(
                [Made(c.number, 1 + PAGES.index(c.page), c.parent, c.author, c.text, c.state, c.created) for c in made]
            )
        )

    return writing


SYSTEMS = (
    System("artrans", "artalk", write_artrans, states=(HELD,)),
    System("artalk-yaml", "artalk-yaml", write_artalk_yaml, "tables", states=(HELD,)),
    System("blogger", "blogger", _blog(blogger), states=(DELETED,)),
    System("blogger-takeout", "blogger", _blog(takeout), states=(HELD, SPAM, REMOVED, DELETED)),
    System("comentario", "comentario", write_comentario, states=(HELD, DELETED)),
    System("commento", "commento", write_commento, states=(HELD, DELETED)),
    System("coral", "coral", write_coral, "coral.zip", states=(HELD, REMOVED)),
    System("coral-legacy", "coral-legacy", write_coral_legacy, "folder", states=(HELD, REMOVED, DELETED)),
    System("discourse", "discourse", write_discourse, states=(HELD, DELETED), is_one_topic=True),
    System("disqus", "disqus", _blog(disqus), states=(SPAM, DELETED)),
    System("disqus-json", "disqus-json", _blog(disqus_json), states=(HELD, SPAM, DELETED)),
    System(
        "disqus-json-lines", "disqus-json", _blog(partial(disqus_json, shape="lines")), states=(HELD, SPAM, DELETED)
    ),
    System("atom", "feed", _blog(atom)),
    System("rss", "feed", _blog(rss), depth=0),
    System("hypothesis", "hypothesis", write_hypothesis, states=(REMOVED,)),
    System("isso", "isso", write_isso, states=(HELD, DELETED)),
    System("isso-json", "isso-json", write_isso_json, depth=0),
    System("movable-type", "movable-type", _blog(movable_type), depth=0),
    System("remark42", "remark42", write_remark42, "backup.gz", states=(DELETED,)),
    System("staticman", "staticman", write_staticman, "comments.zip", states=(HELD,), depth=1),
    System("valine", "valine", write_valine),
    System("valine-lines", "valine", write_valine_lines),
    System("waline", "valine", write_waline, states=(HELD, SPAM)),
    System("twikoo", "valine", write_twikoo, states=(HELD,)),
    System("wordpress", "wordpress", _blog(wxr), states=(HELD, SPAM, REMOVED)),
    System(
        "wordpress-1.0",
        "wordpress",
        _blog(partial(wxr, version="1.0", faults=FAULTS[:5])),
        states=(HELD, SPAM, REMOVED),
    ),
)
every_system = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
every_system_that_names_parents = pytest.mark.parametrize(
    "system", [system for system in SYSTEMS if system.names_parents], ids=lambda system: system.name
)
