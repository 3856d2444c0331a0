"""Scripts and sheets as they are served: small, known again, for every page that may have them."""

import gzip

import pytest

from outspoken.pages import static
from outspoken.web.assets import BY_NAME
from tests.web.test_snapshots import ask
from tests.web.test_wire import serve


@pytest.mark.parametrize("path", BY_NAME)
def test_a_script_of_one_name_is_taken_anew_soon_and_may_stand_in_any_page(local, path):
    status, headers, content = ask(local, path, accept_encoding="gzip")

    assert status == 200
    assert gzip.decompress(content) == static.named(BY_NAME[path]).content
    assert headers["content-type"] == static.named(BY_NAME[path]).content_type
    assert headers["cache-control"] == "public, max-age=600"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert ask(local, path, accept_encoding="gzip", if_none_match=headers["etag"])[0] == 304


def test_what_has_its_hash_in_its_name_is_kept_for_ever_and_compressed(local):
    for name in ("embed.js", "frame.js", "outspoken.css", "outspoken.svg"):
        status, headers, content = ask(local, static.address(name), accept_encoding="br")
        assert status == 200
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert headers["content-encoding"] == "br"
        assert len(content) < len(static.named(name).content)
    assert ask(local, "/static/embed.0123456789abcdef.js")[0] == 404


def test_a_script_is_answered_at_the_wire_from_the_second_time_on(local):
    async def scene(_, connect):
        reader = await connect()
        first = await reader.ask("/embed.js", headers="Accept-Encoding: gzip\r\n")
        before = local.server.figures.hit_bytes
        local.server.snapshots.drop(["another"])
        again = await reader.ask("/embed.js", headers="Accept-Encoding: gzip\r\n")
        await reader.ask("/embed.js", method="HEAD", headers="Accept-Encoding: gzip\r\n")
        assert first[2] == again[2]
        assert local.server.figures.hit_bytes > before

    serve(local, scene)


def test_the_page_for_the_owners_of_sites_shows_what_was_chosen_and_what_to_paste(local):
    browser = local.browser()
    browser.say("Here.")

    answer = browser.get("/embed?site=harbour&theme=dark&sort=newest&accent=%230d5763&ink=red;x:y")

    assert answer.status_code == 200
    assert "frame-src 'self'" in answer.headers["content-security-policy"]
    page = answer.text
    assert "&lt;outspoken-thread site=&#34;harbour&#34; sort=&#34;newest&#34; theme=&#34;dark&#34;&gt;" in page
    assert "--outspoken-accent: #0d5763;" in page
    assert "red;x" not in page
    assert static.named("embed.js").integrity in page
    assert browser.get("/embed?site=nowhere").status_code == 404
