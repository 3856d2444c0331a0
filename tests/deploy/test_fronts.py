"""nginx, Caddy and Varnish with the files we give: they pass on what is needed, and write nothing of readers."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fronts import (
    CURRENT,
    LIVE,
    PLAIN,
    THREAD,
    Behind,
    Front,
    caddy,
    keeping_nginx,
    listening_behind,
    nginx,
    varnish,
)

pytestmark = pytest.mark.xdist_group("fronts")

KINDS = {"nginx": nginx, "keeping nginx": keeping_nginx, "caddy": caddy, "varnish": varnish}
AGENT = "CanaryBrowser/77.7"
TELLING = {"user_agent": AGENT, "referer": "https://intranet.canary.example/who", "accept_language": "gsw-CH"}


@pytest.fixture
def behind() -> Iterator[Behind]:
    with listening_behind() as behind:
        yield behind


@pytest.fixture(params=KINDS)
def front(request: pytest.FixtureRequest, behind: Behind, tmp_path: Path) -> Iterator[Front]:
    """Each of them in turn."""
    with KINDS[request.param](behind.port, tmp_path) as front:
        yield front


@pytest.fixture
def keeping(request: pytest.FixtureRequest, behind: Behind, tmp_path: Path) -> Iterator[Front]:
    """One that keeps pages."""
    with KINDS[request.param](behind.port, tmp_path) as front:
        yield front


def test_what_reaches_the_server_is_the_address_that_the_front_saw_and_nothing_else_of_the_reader(front, behind):
    front.ask("/t/ferry0000000/1", **TELLING, cookie="outspoken=key")

    fields = behind.last()
    assert fields["x-forwarded-for"] == "127.0.0.1"
    assert fields["host"] == "talk.example"
    assert fields["cookie"] == "outspoken=key"
    assert not set(TELLING.values()) & set(fields.values())


def test_an_address_that_a_reader_claims_to_have_is_not_the_nearest(front, behind):
    front.ask("/t/ferry0000000/1", x_forwarded_for="203.0.113.9")

    assert behind.last()["x-forwarded-for"].split(",")[-1].strip() == "127.0.0.1"


def test_events_arrive_as_they_happen(front):
    connection = front.connect()
    connection.request("GET", LIVE, headers={"host": "talk.example"})

    answer = connection.getresponse()

    assert answer.readline() == b"data: first\n"
    connection.close()


def test_figures_are_not_for_the_public(front, behind):
    status, _, _ = front.ask("/metrics")

    assert status == 404
    assert behind.asked == []


def test_nothing_that_is_written_names_a_reader_whether_it_went_well_or_not(front, behind):
    front.ask(THREAD, **TELLING)
    behind.leave()
    status, _, _ = front.ask("/t/ferry0000000/1", **TELLING)
    assert status >= 500
    connection = front.connect()
    with contextlib.suppress(OSError):
        connection.request("GET", "/" + "x" * 100_000, headers={"host": "talk.example", "user-agent": AGENT})
        connection.getresponse().read()

    written = front.written()

    assert AGENT.encode() not in written
    assert b"canary.example" not in written
    assert b"remote_ip" not in written
    assert b"client: 127.0.0.1" not in written


@pytest.mark.parametrize("front", ["nginx", "caddy", "varnish"], indirect=True)
def test_a_reader_who_has_a_page_that_is_always_asked_for_is_told_that_it_is_unchanged(front):
    assert front.ask(PLAIN)[0] == 200

    status, content, _ = front.ask(PLAIN, if_none_match=CURRENT)

    assert (status, content) == (304, "")


@pytest.mark.parametrize("keeping", ["keeping nginx", "varnish"], indirect=True)
def test_a_page_that_may_be_kept_is_asked_for_once(keeping, behind):
    contents = {keeping.ask(THREAD, accept_encoding="gzip", user_agent=f"Reader {n}")[1] for n in range(5)}

    assert len(contents) == 1
    assert len(behind.asked) == 1


@pytest.mark.parametrize("keeping", ["keeping nginx", "varnish"], indirect=True)
def test_a_reader_who_has_the_page_is_told_that_it_is_unchanged(keeping, behind):
    _, _, fields = keeping.ask(THREAD)

    status, content, _ = keeping.ask(THREAD, if_none_match=fields["etag"])

    assert (status, content) == (304, "")
    assert len(behind.asked) == 1


@pytest.mark.parametrize("keeping", ["keeping nginx", "varnish"], indirect=True)
def test_who_has_just_written_gets_no_page_that_was_kept(keeping, behind):
    _, kept, _ = keeping.ask(THREAD)

    _, own, _ = keeping.ask(THREAD, cookie="outspoken=k; outspoken-seen=ferry0000000.7")
    _, again, _ = keeping.ask(THREAD)

    assert own != kept
    assert again == kept
    assert "outspoken-seen=ferry0000000.7" in behind.last()["cookie"]


@pytest.mark.parametrize("keeping", ["keeping nginx", "varnish"], indirect=True)
def test_what_is_not_for_all_is_asked_for_every_time(keeping, behind):
    for _ in range(3):
        keeping.ask("/t/ferry0000000/1/edit", cookie="outspoken=key")

    assert len(behind.asked) == 3


@pytest.mark.parametrize("keeping", ["keeping nginx"], indirect=True)
def test_however_a_browser_spells_its_codings_there_is_one_page_for_each(keeping, behind):
    spelled = {
        "br": ["br", "gzip, deflate, br", "gzip;q=0.5, BR;q=1.0", "zstd;q=0, br"],
        "zstd": ["zstd", "gzip, deflate, br, zstd"],
        "gzip": ["gzip", "gzip, deflate", "br;q=0.0, gzip"],
        "": ["", "identity", "gzip;q=0", "*;q=0"],
    }
    for coding, spellings in spelled.items():
        contents = {keeping.ask(THREAD, accept_encoding=spelling)[1] for spelling in spellings}
        assert len(contents) == 1, coding
        assert behind.last().get("accept-encoding", "") in spellings

    assert len(behind.asked) == len(spelled)


@pytest.mark.parametrize("keeping", ["varnish"], indirect=True)
def test_a_thread_that_changed_is_dropped_by_its_key_from_the_machine_alone(keeping, behind):
    _, kept, fields = keeping.ask(THREAD)
    assert "xkey" not in fields

    status, _, _ = keeping.ask("/", method="PURGE", xkey="ferry0000000", x_forwarded_for="203.0.113.9")
    assert status == 405
    assert keeping.ask(THREAD)[1] == kept
    status, _, _ = keeping.ask("/", method="PURGE", xkey="another00000")
    assert status == 200
    assert keeping.ask(THREAD)[1] == kept
    status, _, _ = keeping.ask("/", method="PURGE", xkey="ferry0000000")
    assert status == 200

    assert keeping.ask(THREAD)[1] != kept


@pytest.mark.parametrize("keeping", ["keeping nginx"], indirect=True)
def test_two_versions_of_http_are_spoken(keeping):
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", keeping.port)) as plain, context.wrap_socket(plain) as secured:
        assert secured.selected_alpn_protocol() == "h2"
