"""The measure of memory itself."""

import sys

from tests.peaks import peak_of


def test_a_large_starter_isnt_counted_for_what_it_starts() -> None:
    held = b"x" * 200 * 1024**2

    small, large = (peak_of(sys.executable, "-S", "-c", f"x = b'x' * {size} * 1024**2") for size in (1, 100))

    assert len(held) > small * 1024**2
    assert small < 60
    assert 100 < large < 160
