"""Hot reads: the same bytes for everybody, compressed once, gone before anybody is told of a change."""

import asyncio
import gzip

import brotli
import pytest
from backports import zstd

from outspoken.discussion.state import Event
from outspoken.pages.snapshots import LEASE
from outspoken.web.leases import RENEW
from outspoken.web.reads import coding_for
from tests.web.talking import FERRY, SAME_ORIGIN, Talk, raw, shown, tree

PAGE = f"/t/{FERRY}"
THREAD = f"/api/v1/threads/{FERRY}"
KEPT = [
    *("/", "/s/harbour", "/feed.atom", "/s/harbour/feed.atom"),
    *(PAGE, f"{PAGE}?sort=newest", f"{PAGE}/feed.atom"),
    *(THREAD, f"{THREAD}/comments", f"{THREAD}/comments?sort=oldest"),
    *(f"/embed/t/{FERRY}", f"/embed/thread?site=harbour&url=https://harbour.example/{FERRY}&sort=newest&lang=de"),
]


def ask(talk, path, method="GET", **headers):
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    status, given, content = talk.run(raw(talk.app, method, path.encode(), sent))
    return status, {name.decode(): value.decode() for name, value in given}, content


@pytest.mark.parametrize("path", KEPT)
def test_a_page_can_be_had_plain_or_compressed_and_is_the_same(local, path):
    local.browser().say("A comment.")
    _, _, plain = ask(local, path)

    for accepted, coding, expand in (
        ("br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip, deflate, br, zstd", "zstd", zstd.decompress),
    ):
        status, headers, content = ask(local, path, accept_encoding=accepted)
        assert (status, headers["content-encoding"], headers["vary"]) == (200, coding, "accept-encoding")
        assert headers["content-length"] == str(len(content))
        assert expand(content) == plain


@pytest.mark.parametrize("path", KEPT)
def test_who_has_a_page_already_is_sent_nothing_but_that_it_is_current(local, path):
    local.browser().say("A comment.")
    _, headers, _ = ask(local, path, accept_encoding="br")

    status, again, content = ask(local, path, accept_encoding="br", if_none_match=f'"x", W/{headers["etag"]}')

    assert (status, content, again["etag"]) == (304, b"", headers["etag"])
    local.browser().say("Another.")
    local.clock.pass_by(seconds=2)
    assert ask(local, path, accept_encoding="br", if_none_match=headers["etag"])[0] == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("", b""), ("identity", b""), ("br;q=0, gzip", b"gzip"), ("gzip;q=0.0", b""), ("gzip; q=0.5", b"gzip"),
     ("BR", b"br"), ("sabre", b""), ("*;q=0", b""), ("gzip, zstd", b"zstd"), ("zstd;q=0, br", b"br"),
     ("br; q = 0.000,gzip;q=1", b"gzip")],
)  # fmt: skip
def test_only_a_coding_that_is_welcome_is_used(accepted, coding):
    assert coding_for(accepted.encode()) == coding


@pytest.mark.parametrize("path", KEPT)
def test_head_says_the_same_without_the_page(local, path):
    get, head = ask(local, path), ask(local, path, method="HEAD")

    assert head[:2] == get[:2]
    assert head[2] == b""


@pytest.mark.parametrize("path", KEPT)
def test_whatever_is_appended_to_an_address_it_is_still_a_page(local, path):
    assert ask(local, path + ("&" if "?" in path else "?") + "utm_source=mail")[0] == 200


def test_when_a_writer_is_answered_no_reader_is_shown_the_page_of_before(talk):
    reader = talk.browser()

    async def scene():
        for number in range(1, 6):
            await asyncio.gather(*(reader.send("GET", path) for path in KEPT))
            fields = {
                "body": f"Comment {number}.",
                "token": talk.server.tokens.issue(FERRY, talk.server.already_open(talk.clock.now())),
            }
            answer = await talk.browser().send("POST", f"/t/{FERRY}/comments", data=fields, headers=SAME_ORIGIN)
            assert answer.status_code == 303
            for path in KEPT:
                page = await reader.send("GET", path)
                assert f"Comment {number}." in page.text or f'"comments":{number}' in page.text, path

    talk.run(scene())


def test_what_another_process_writes_is_seen_after_a_moment(talk):
    talk.browser().say("A comment.")
    reader = talk.browser()
    assert shown(reader.get(PAGE)) == {1: "A comment."}

    talk.moderate(1, Event.REMOVE)  # which lets the moment pass
    assert LEASE < 2

    assert shown(reader.get(PAGE)) == {}
    for path in KEPT:
        assert "A comment." not in reader.get(path).text


def test_a_page_is_rendered_again_before_its_form_token_grows_old(local):
    first = ask(local, PAGE)[1]["etag"]
    local.clock.pass_by(seconds=RENEW - 1)
    same = ask(local, PAGE)[1]["etag"]
    local.clock.pass_by(seconds=2)

    assert first == same != ask(local, PAGE)[1]["etag"]


def test_a_kept_page_is_served_while_the_database_is_away_and_others_say_so(local):
    local.browser().say("A comment.")
    ask(local, PAGE)
    local.server.writer.close()
    local.clock.pass_by(seconds=10)

    with local.database_away():
        kept = ask(local, PAGE)
        others = [
            ask(local, path)
            for path in ("/", f"{PAGE}?sort=newest", f"/api/v1/threads/{FERRY}", f"{PAGE}/1", "/readyz")
        ]

    assert kept[0] == 200
    assert b"A comment." in kept[2]
    assert [answer[0] for answer in others] == [503] * 5
    assert [answer[1].get("retry-after") for answer in others[:4]] == ["30"] * 4
    assert others[2][1]["content-type"] == "application/problem+json"


def test_slow_readers_of_the_print_page_keep_nobody_from_reading(local):
    for number in range(3):
        local.browser().say(f"Comment {number}.")

    async def scene():
        stuck, is_over = asyncio.Event(), asyncio.Event()
        waiting = 0

        async def slow(message):
            nonlocal waiting
            if message["type"] == "http.response.body" and message.get("body"):
                waiting += 1
                if waiting == 12:
                    stuck.set()
                await is_over.wait()

        async def receive():
            await is_over.wait()
            return {"type": "http.disconnect"}

        path = f"{PAGE}/print"
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "headers": [], "client": None, "server": None, "scheme": "https", "http_version": "1.1",
                 "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip
        readers = [asyncio.ensure_future(local.app(scope, receive, slow)) for _ in range(12)]
        await asyncio.wait_for(stuck.wait(), 20)
        answer = await local.browser().send("GET", f"{PAGE}/1")
        is_over.set()
        await asyncio.gather(*readers)
        return answer

    assert local.run(scene()).status_code == 200


def counting(talk):
    """Count how often pages of threads are rendered."""
    rendered = []
    render = talk.server.pages.thread_page

    def counted(*given, **named):
        rendered.append(1)
        return render(*given, **named)

    talk.server.pages.thread_page = counted
    return rendered


def test_a_thousand_who_ask_at_once_are_shown_what_is_rendered_once(talk):
    rendered = counting(talk)

    async def scene():
        reader = talk.browser()
        return await asyncio.gather(*(reader.send("GET", PAGE) for _ in range(1_000)))

    answers = talk.run(scene())

    assert {answer.status_code for answer in answers} == {200}
    assert len(rendered) == 1


def test_a_busy_thread_is_rendered_for_strangers_once_in_a_while_and_for_its_writers_at_once(database):
    talk = Talk(database, settle=0.25)
    talk.add_thread()
    stranger = talk.browser()
    rendered = counting(talk)
    assert shown(stranger.get(PAGE)) == {}

    writers = [talk.browser() for _ in range(3)]
    for number, writer in enumerate(writers, 1):
        writer.say(f"Comment {number}.")
        assert f"Comment {number}." in writer.get(PAGE).text
    assert talk.browser().post_json(f"{THREAD}/comments", {"body": "Comment 4."}).status_code == 201

    assert len(rendered) == 4
    assert set(shown(stranger.get(PAGE))) == {1, 2, 3}
    assert len(rendered) == 4
    talk.clock.pass_by(seconds=0.3)
    assert set(shown(stranger.get(PAGE))) == {1, 2, 3, 4}
    assert len(rendered) == 5
    talk.close()


def test_what_is_taken_back_is_gone_from_a_busy_thread_at_once(database):
    talk = Talk(database, settle=3600)
    talk.add_thread()
    greta, stranger = talk.browser(), talk.browser()
    greta.say("To be taken back.")
    assert shown(stranger.get(PAGE)) == {1: "To be taken back."}

    assert greta.post(f"{PAGE}/1/delete", greta.form(f"{PAGE}/1/delete")).status_code == 303

    for path in KEPT:
        assert "To be taken back." not in stranger.get(path).text
    talk.close()


def test_further_windows_are_remembered_under_one_address(local):
    for number in range(60):
        local.browser().say(f"Comment {number}.")
    rendered = counting(local)
    further = tree(local.browser().get(f"{PAGE}?sort=oldest")).css_first("a[rel=next]")
    address = further.attributes["href"].partition("#")[0]
    path, _, query = address.partition("?")
    turned = f"{path}?{'&'.join(reversed(query.split('&')))}"

    pages = {local.browser().get(asked).text for asked in (address, turned, address)}

    assert len(pages) == 1
    assert len(rendered) == 2
    assert set(shown(local.browser().get(address))) == set(range(51, 61))
