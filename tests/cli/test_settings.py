"""`outspoken.toml`: what is wrong in it is said in one line, and nothing is started."""

import pytest

from outspoken.settings import Limits, Settings, Unusable, load_settings
from outspoken.settings import Server as ServerSettings
from tests.cli.conftest import refused


def written(folder, text):
    folder.mkdir(exist_ok=True)
    (folder / "outspoken.toml").write_text(text)
    return folder


def test_without_a_file_all_is_as_it_comes(folder):
    assert load_settings(folder) == Settings()


def test_what_is_set_is_taken(folder):
    text = """
    [server]
    base = "https://talk.example/"
    trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "::1"]
    [limits]
    links_in_comment = 0
    """

    assert load_settings(written(folder, text)) == Settings(
        ServerSettings("https://talk.example/", ("127.0.0.1", "10.0.0.0/8", "::1")), Limits(links_in_comment=0)
    )


WRONG = {
    "an unknown key": "[server]\nbses = 'x'",
    "an unknown part": "[sever]\nbase = 'https://talk.example'",
    "no address": "[server]\nbase = 'talk.example'",
    "an address with a path": "[server]\nbase = 'https://talk.example/comments'",
    "an address with a name": "[server]\nbase = 'https://me@talk.example'",
    "a proxy that is no address": "[server]\ntrusted_proxies = ['localhost']",
    "a number below nothing": "[limits]\nlinks_in_comment = -1",
    "a number that is none": "[limits]\nlinks_in_comment = 'many'",
    "no TOML": "[server\nbase",
    "nothing a text can be": "\udcff",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(folder, what):
    folder.mkdir()
    (folder / "outspoken.toml").write_bytes(WRONG[what].encode("utf-8", "surrogateescape"))

    with pytest.raises(Unusable) as refusal:
        load_settings(folder)

    assert "outspoken.toml" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_server_with_wrong_settings_is_not_started(run, folder):
    written(folder, "[server]\nbses = 'x'")

    assert "bses" in refused(run("serve", "--port", "18231"))
    assert not (folder / "outspoken.db").exists()
