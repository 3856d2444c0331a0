import pytest

from outspoken.text.urls import LONGEST_AUTHORITY, join_urls, split_alike, split_url


def test_an_address_is_taken_apart_as_far_as_its_host_can_be_one() -> None:
    longest = "é" * LONGEST_AUTHORITY

    assert split_url(f"https://{longest}/a?b#c").netloc == longest
    assert split_url(f"/a//{longest}é").path == f"/a//{longest}é"
    assert split_url(f"https://a.example/?//{longest}é").netloc == "a.example"
    assert join_urls("https://a.example/b/c", "d") == "https://a.example/b/d"


@pytest.mark.parametrize("before", ["https://", "//", " HTTPS://", "ht\ntps:/\t/", "x-y+z.1:\r//"])
@pytest.mark.parametrize("after", ["", "/", "?", "#", "@a.example/"])
def test_a_longer_host_is_refused(before: str, after: str) -> None:
    for url in (before + "é" * (LONGEST_AUTHORITY + 1) + after, before + "a" * (LONGEST_AUTHORITY + 1) + after):
        with pytest.raises(ValueError, match="too long"):
            split_url(url)
        with pytest.raises(ValueError, match="too long"):
            join_urls(url, "a")
        with pytest.raises(ValueError, match="too long"):
            join_urls("https://a.example", url)


def test_only_an_address_that_all_read_alike_is_taken_apart() -> None:
    assert split_alike("https://a.example:1/@b/c d?e=\\f").hostname == "a.example"
    for url in ("https://b.example\\@a.example/", "https://b@a.example/", "https://a.example/\n", "https://[", "\x01"):
        with pytest.raises(ValueError, match=r"address|URL"):
            split_alike(url)
