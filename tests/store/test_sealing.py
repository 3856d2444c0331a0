import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.comment import Body
from outspoken.store.sealing import Damaged, Entropy, seal, unseal
from tests.factories import a_body


@given(st.text(), st.text(), st.integers(1, 2**31 - 1))
def test_a_sealed_text_opens_as_it_was(source: str, html: str, number: int) -> None:
    body = Body(source.encode("utf-8", "replace").decode(), "markdown", html.encode("utf-8", "replace").decode(), 3)

    sealed = seal(body, "ferry", number, bytes)

    assert unseal(sealed.sealed, sealed.key, 3, "ferry", number) == body


def test_a_sealed_text_opens_only_at_its_own_place(entropy: Entropy) -> None:
    sealed = seal(a_body(), "ferry", 7, entropy)

    for thread, number in (("ferry", 8), ("bridge", 7), ("ferry|7", 7)):
        with pytest.raises(Damaged, match=f"{thread.split('|')[0]}"):
            unseal(sealed.sealed, sealed.key, 1, thread, number)


def test_every_flipped_bit_is_noticed(entropy: Entropy) -> None:
    sealed = seal(a_body("Hi"), "ferry", 7, entropy)

    for at in range(len(sealed.sealed)):
        flipped = bytearray(sealed.sealed)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(Damaged):
            unseal(bytes(flipped), sealed.key, 1, "ferry", 7)


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 16, b"x" * 17])
def test_another_key_opens_nothing(entropy: Entropy, key: bytes) -> None:
    sealed = seal(a_body(), "ferry", 7, entropy)

    with pytest.raises(Damaged):
        unseal(sealed.sealed, key, 1, "ferry", 7)


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_what_was_cut_off_opens_not_at_all(entropy: Entropy, length: int) -> None:
    sealed = seal(a_body(), "ferry", 7, entropy)

    with pytest.raises(Damaged):
        unseal(sealed.sealed[:length], sealed.key, 1, "ferry", 7)


def test_no_key_is_drawn_twice(entropy: Entropy) -> None:
    assert len({seal(a_body(), "ferry", 7, entropy).key for _ in range(100)}) == 100
