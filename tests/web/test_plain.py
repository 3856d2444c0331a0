"""What is answered without being parsed is what the parser would have read: one whole request, and nothing more."""

import httptools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from outspoken.web.plain import PLAIN

BROWSER = (
    b"GET /t/abc?sort=newest HTTP/1.1\r\nHost: talk.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    b"Accept: text/html,application/xhtml+xml;q=0.9\r\nAccept-Language: en-US,en;q=0.5\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\nDNT: 1\r\nConnection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n"
    b'Sec-Fetch-Mode: navigate\r\nPriority: u=0, i\r\nIf-None-Match: "abc"\r\nCache-Control: max-age=0\r\n\r\n'
)
PROXY = (
    b"GET /t/abc HTTP/1.1\r\nhost: talk.example\r\nx-forwarded-for: 192.0.2.1\r\nx-forwarded-proto: https\r\n"
    b"accept-encoding: gzip\r\nuser-agent: Anything\r\nreferer: https://news.example/\r\n\r\n"
)


class Heard:
    """What the parser makes of the bytes."""

    def __init__(self, data: bytes) -> None:
        self.target = b""
        self.fields: dict[bytes, bytes] = {}
        self.body = b""
        self.begun = self.ended = 0
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method = parser.get_method()
        self.version = parser.get_http_version()
        self.goes_on = parser.should_keep_alive() and not parser.should_upgrade()

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ended += 1


NAMES = [
    *(b"Accept", b"Accept-Encoding", b"Accept-Language", b"Cache-Control", b"Host", b"If-None-Match", b"User-Agent"),
    *(b"Connection", b"Content-Length", b"Cookie", b"Expect", b"Keep-Alive", b"Proxy-Connection", b"TE"),
    *(b"Transfer-Encoding", b"Trailer", b"Upgrade", b"Upgrade-Insecure-Requests", b"X-Anything", b"Range", b""),
]
VALUES = [
    *(b"gzip", b"keep-alive", b"close", b"Keep-Alive", b"chunked", b"5", b"0", b"websocket", b"100-continue", b'"abc"'),
    *(b"", b" ", b"a\tb", b"\xff", b"a\x00b", b"outspoken=1"),
]
cases = st.sampled_from([bytes, bytes.lower, bytes.upper, bytes.swapcase])
fields = st.builds(
    lambda case, name, colon, value, end: case(name) + colon + value + end,
    cases,
    st.sampled_from(NAMES) | st.binary(max_size=12),
    st.sampled_from([b": ", b": ", b": ", b":", b" : ", b":\t", b""]),
    st.sampled_from(VALUES) | st.binary(max_size=12),
    st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\n ", b"\r\r\n", b""]),
)
tidy_fields = st.builds(
    lambda case, name, value: case(name) + b": " + value + b"\r\n",
    cases,
    st.sampled_from(NAMES),
    st.sampled_from(VALUES),
)
tidy = st.builds(
    lambda method, fields: method + b" /t/abc?sort=newest HTTP/1.1\r\n" + b"".join(fields) + b"\r\n",
    st.sampled_from([b"GET", b"HEAD"]),
    st.lists(tidy_fields, max_size=3),
)
untidy = st.builds(
    lambda *parts: b"".join(parts),
    st.sampled_from([b"", b"\r\n"]),
    st.sampled_from([b"GET", b"GET", b"HEAD", b"POST", b"get", b"GETS"]),
    st.sampled_from([b" ", b" ", b"  ", b"\t"]),
    st.sampled_from([b"/", b"/t/abc?sort=newest", b"*", b"http://talk.example/", b"/\xff", b"/a b", b"/#a"]),
    st.sampled_from([b" HTTP/1.1\r\n", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b" HTTP/1.1\n", b"\r\n"]),
    st.lists(fields | tidy_fields, max_size=3).map(b"".join),
    st.sampled_from([b"\r\n", b"\r\n", b"\n", b"", b"\r\nabc", b"\r\nGET / HTTP/1.1\r\n\r\n"]),
)
requests = tidy | untidy


@settings(max_examples=1_000)
@given(requests)
@example(BROWSER)
@example(PROXY)
def test_the_parser_reads_the_same(data):
    plain = PLAIN.fullmatch(data)
    if plain is None:
        return
    heard = Heard(data)
    assert (heard.begun, heard.ended, heard.body) == (1, 1, b"")
    assert (heard.version, heard.goes_on) == ("1.1", True)
    assert (heard.method, heard.target) == plain.group(1, 2)
    for name, value in ((b"accept-encoding", plain[3]), (b"if-none-match", plain[4])):
        assert (value or b"").strip(b" ") == heard.fields.get(name, b"")
    assert not heard.fields.keys() & {b"content-length", b"transfer-encoding", b"expect", b"cookie", b"upgrade"}


@pytest.mark.parametrize("sent", [BROWSER, PROXY], ids=["a browser's", "a proxy's"])
def test_what_readers_send_is_plain(sent):
    assert PLAIN.fullmatch(sent)


@pytest.mark.parametrize("name", [b"Cookie", b"CONNECTION", b"content-length", b"Transfer-encoding", b"eXpect", b"tE"])
def test_what_might_say_more_is_not_plain(name):
    assert PLAIN.fullmatch(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert not PLAIN.fullmatch(b"GET / HTTP/1.1\r\nHost: a\r\n" + name + b": close\r\n\r\n")
