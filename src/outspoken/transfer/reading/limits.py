"""How far a compressed file may unfold before it is refused."""

from dataclasses import dataclass

from outspoken.transfer.records import Unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a compressed file may unfold, in bytes. Real exports compress about 4 to 20 times."""

    unfolded: int = 4 * 1024**3
    ratio: int = 200
    ratio_from: int = 64 * 1024**2
    """Below this size any ratio is let through: a small bomb does no harm."""
    members: int = 100_000
    """Files in a zip."""
    directory: int = 16 * 1024**2
    """The list of files in a zip, which has to be read whole."""


def refuse_a_bomb(given: int, taken: int, limits: Limits) -> None:
    """Raise Unreadable where `taken` bytes unfolded to `given` bytes, and that is too many."""
    if given > limits.unfolded:
        raise Unreadable(f"The compressed file unfolds to more than {limits.unfolded // 1024**2} MiB.")
    if given > limits.ratio_from and given > limits.ratio * taken:
        raise Unreadable(f"The compressed file unfolds to more than {limits.ratio} times its size: a bomb.")
