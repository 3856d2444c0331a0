"""Threads that are written in, remembered for a moment: a busy one needn't be read anew for each comment."""

from collections import OrderedDict
from dataclasses import dataclass

from outspoken.discussion.thread import Site, Thread

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Scene:
    """A thread and the site it belongs to."""

    site: Site
    thread: Thread


class Scenes:
    """Scenes by thread, each for `seconds`; whatever decides about them is asked again when something is written."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[str, tuple[float, Scene]] = OrderedDict()

    def at(self, thread: str, now: float) -> Scene | None:
        """Return a scene that was kept a moment ago; `now` is in seconds of a clock that never goes back."""
        kept = self._kept.get(thread)
        return kept[1] if kept is not None and now < kept[0] else None

    def keep(self, scene: Scene, now: float) -> None:
        """Keep a scene that was read at `now`."""
        self._kept[scene.thread.id] = (now + self._seconds, scene)
        self._kept.move_to_end(scene.thread.id)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
