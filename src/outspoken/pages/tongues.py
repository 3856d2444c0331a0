"""Which language a discussion's page is in, remembered from when it was last made.

An error is told in the language of the page it happened at; but then there may be no database to ask for it.
"""

import threading
from collections import OrderedDict

from outspoken.pages.translations import SOURCE, Language, language

MOST_THREADS = 2_000


class Tongues:
    """Languages by thread; what isn't known of one is taken to be as on the page that was made last."""

    def __init__(self) -> None:
        self._last = SOURCE
        self._threads: OrderedDict[str, str] = OrderedDict()
        self._door = threading.Lock()

    def note(self, tag: str, thread: str = "") -> None:
        """Remember that a page was made in a language, and which thread it is about if it is about one."""
        with self._door:
            self._last = tag
            if thread:
                self._threads[thread] = tag
                self._threads.move_to_end(thread)
                if len(self._threads) > MOST_THREADS:
                    self._threads.popitem(last=False)

    def of(self, thread: str = "") -> Language:
        """Return the language to speak about a thread, or about none."""
        return language(self._threads.get(thread, self._last))
