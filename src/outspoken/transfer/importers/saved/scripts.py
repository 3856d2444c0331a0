"""JSON that stands in a page's scripts."""

import json
from collections.abc import Iterator
from typing import Any

from outspoken.transfer.importers.saved.elements import Element, Test, every, named

_LONGEST = 16 * 1024**2


def data_in(tree: Element, is_wanted: Test) -> Iterator[tuple[Element, Any]]:
    """Yield the scripts that are wanted with the values in them; what isn't JSON is passed over."""
    for script in every(tree, named("script")):
        if is_wanted(script) and script.text and len(script.text) <= _LONGEST:
            try:
                yield script, json.loads(script.text, strict=False)
            except (ValueError, RecursionError):
                continue
