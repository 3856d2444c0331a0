"""Telling the caches in front of us that a page has changed, by the key it bears.

Only caches that the settings name are told, with a request that holds nothing but the key: a thread's id.
"""

import asyncio
import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

FRONT = "front"
"""Key of the pages that show several threads."""
HEADER = "xkey"
_TIMEOUT = 2.0

_log = logging.getLogger("outspoken.web")


class Purger:
    """The caches that stand in front of this process. Many changes in a moment are told at once."""

    def __init__(self, caches: Sequence[str]) -> None:
        self._caches = [urlsplit(cache) for cache in caches]
        self._waiting: set[str] = set()
        self._door = threading.Lock()
        self._teller = ThreadPoolExecutor(1, "purger")

    def soon(self, threads: Collection[str]) -> None:
        """Have what shows these threads dropped in a moment. May be called from any thread."""
        if not self._caches or not threads:
            return
        with self._door:
            is_on_its_way = bool(self._waiting)
            self._waiting |= {*threads, FRONT}
        if not is_on_its_way:
            self._teller.submit(self._tell_waiting)

    async def now(self, thread: str) -> None:
        """Return once what shows a thread is dropped, or its cache has been given up."""
        if self._caches:
            await asyncio.get_running_loop().run_in_executor(self._teller, self._tell, {thread, FRONT})

    def close(self) -> None:
        """Tell what waits, then stop."""
        self._teller.shutdown()

    def _tell_waiting(self) -> None:
        with self._door:
            keys, self._waiting = self._waiting, set()
        self._tell(keys)

    def _tell(self, keys: Iterable[str]) -> None:
        for cache in self._caches:
            connection = HTTPConnection(cache.hostname or "", cache.port or 80, timeout=_TIMEOUT)
            try:
                connection.request("PURGE", "/", headers={HEADER: " ".join(sorted(keys))})
                status = connection.getresponse().status
            except (OSError, HTTPException) as failure:
                _log.warning("a cache couldn't be told of a change", exc_info=failure)
            else:
                if status >= 400:
                    _log.warning("a cache doesn't take changes: it answers %d", status)
            finally:
                connection.close()
