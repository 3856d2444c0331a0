"""Caches in front: what they may keep, and that they hear of changes before anybody is told that something is gone."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from outspoken.settings import Cache, Settings
from tests.web.talking import FERRY, Talk

PAGE = f"/t/{FERRY}"


class Varnish:
    """A cache that writes down what it is told."""

    def __init__(self) -> None:
        told: list[tuple[str, str]] = []

        class Answer(BaseHTTPRequestHandler):
            def do_PURGE(self) -> None:
                told.append((self.path, self.headers["xkey"]))
                assert sorted(self.headers) == ["Accept-Encoding", "Host", "xkey"]
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.told = told
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def varnish() -> Iterator[Varnish]:
    cache = Varnish()
    yield cache
    cache.close()


def behind(database, *caches: str, seconds: int = 30) -> Talk:
    talk = Talk(database, settings=Settings(cache=Cache(seconds, caches)))
    talk.add_thread()
    return talk


def test_caches_may_keep_what_is_the_same_for_everybody_for_as_long_as_is_set(sqlite):
    talk = behind(sqlite)
    talk.browser().say("A comment.")

    for path, key in ((PAGE, FERRY), (f"{PAGE}/feed.atom", FERRY), (f"/api/v1/threads/{FERRY}", FERRY), ("/", "front")):
        headers = talk.browser().get(path).headers
        assert (headers["cache-control"], headers["xkey"]) == ("public, max-age=0, s-maxage=30", key)
    for path in (f"{PAGE}/1", f"{PAGE}/comments", f"{PAGE}/1/edit"):
        assert "s-maxage" not in talk.browser().get(path).headers["cache-control"]
    talk.close()


def test_without_the_setting_caches_ask_each_time(local):
    headers = local.browser().get(PAGE).headers

    assert headers["cache-control"] == "no-cache"
    assert "xkey" not in headers


def test_a_cache_is_told_of_a_new_comment_and_has_been_told_when_one_is_taken_back(sqlite, varnish):
    talk = behind(sqlite, varnish.address)
    greta = talk.browser()

    greta.say("A comment.")
    greta.post(f"{PAGE}/1/delete", greta.form(f"{PAGE}/1/delete"))
    told = list(varnish.told)
    talk.close()

    assert told[-1] == ("/", f"{FERRY} front")
    assert len(told) >= 1


def test_a_cache_that_does_not_answer_keeps_nobody_from_taking_back(sqlite, caplog):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        address = f"http://127.0.0.1:{gone.server_port}"
    talk = behind(sqlite, address)
    greta = talk.browser()
    greta.say("A comment.")

    assert greta.post(f"{PAGE}/1/delete", greta.form(f"{PAGE}/1/delete")).status_code == 303
    talk.close()

    assert "a cache couldn't be told of a change" in caplog.text


@pytest.mark.parametrize("cache", ["https://x", "http://x/path", "127.0.0.1:6081", "http://a@b", "http://"])
def test_what_is_not_the_address_of_a_cache_is_refused(cache):
    with pytest.raises(ValueError, match="without a path"):
        Cache(1, (cache,))
