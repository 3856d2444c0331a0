from itertools import repeat

from lxml import etree

from outspoken.pages.sitemap import LARGEST, robots, sitemap
from tests.pages.making import BASE, NOON, a_thread

MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_the_map_names_each_thread_and_its_last_day():
    threads = [a_thread(active=NOON.replace(day=20)), a_thread(id="a&b", active=None)]
    urls = etree.fromstring(sitemap(BASE, threads))

    assert urls.xpath("m:url/m:loc/text()", namespaces=MAP) == [f"{BASE}/t/lighthouse", f"{BASE}/t/a%26b"]
    assert urls.xpath("m:url/m:lastmod/text()", namespaces=MAP) == ["2026-03-20", "2026-03-14"]


def test_the_map_is_no_longer_than_is_read():
    assert sitemap(BASE, repeat(a_thread())).count(b"<url>") == LARGEST


def test_search_engines_are_shown_the_way_or_the_door():
    assert robots(BASE, indexed=False) == "User-agent: *\nDisallow: /\n"
    assert f"Sitemap: {BASE}/sitemap.xml" in robots(BASE, indexed=True)
    assert "Disallow: /\n" not in robots(BASE, indexed=True)
