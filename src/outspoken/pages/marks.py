"""The drawn mark beside an author's name: shapes made from sixteen bytes, so that nothing is fetched or uploaded.

Six tiles on the left and in the middle, mirrored to the right, give a pattern that is easily told from others; the hue
comes from the bytes too. The ground is the same hue, let through faintly, so that one drawing fits light and dark.
"""

from functools import lru_cache

from markupsafe import Markup

_TILE = 8
_SIZE = 3 * _TILE
_HUES = (4, 22, 38, 78, 128, 158, 178, 196, 212, 232, 262, 286, 312, 338)
"""Degrees; unevenly spaced, because eyes tell blues apart more easily than greens."""
_SHAPES = (
    "",
    "h8v8h-8z",
    "h8a8 8 0 0 1-8 8z",
    "v8h8a8 8 0 0 0-8-8",
    "m8 0v8h-8a8 8 0 0 1 8-8",
    "h8v8a8 8 0 0 1-8-8",
    "m4 0l4 4-4 4-4-4z",
    "h8l-8 8z",
)
_MIRRORED = (0, 1, 5, 4, 3, 2, 6, 8)
_DIAGONAL_MIRRORED = "h8v8z"

NOBODY = Markup(
    '<svg class="mark" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor">'
    '<circle cx="12" cy="12" r="8" stroke-width="2" stroke-dasharray="3 3" opacity=".5"/></svg>'
)
"""The mark of no author."""


@lru_cache(maxsize=4096)
def mark(seed: bytes) -> Markup:
    """Return the mark of `seed` (16 bytes; fewer are filled up) as an inline SVG of less than 400 bytes."""
    seed = seed.ljust(16, b"\0")
    hue = _HUES[int.from_bytes(seed[:2]) % len(_HUES)]
    shapes = (*_SHAPES, _DIAGONAL_MIRRORED)
    path = ""
    for row in range(3):
        side = seed[2 + row] % len(_SHAPES)
        middle = seed[5 + row] % 2 * 1 if seed[8 + row] % 3 else 6
        for column, shape in enumerate((shapes[side], shapes[middle], shapes[_MIRRORED[side]])):
            if shape:
                path += f"M{column * _TILE} {row * _TILE}{shape}"
    return Markup(  # noqa: S704 -- made of numbers and constants only
        f'<svg class="mark" width="{_SIZE}" height="{_SIZE}" viewBox="0 0 {_SIZE} {_SIZE}" aria-hidden="true" '
        f'fill="hsl({hue} 45% 50%)">'
        f'<path opacity=".18" d="M0 0h24v24H0z"/><path d="{path}"/></svg>'
    )
