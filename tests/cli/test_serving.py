"""`outspoken serve`: what it refuses before it begins."""

from tests.cli.conftest import refused


def test_several_workers_are_refused_on_a_file_with_what_to_do_instead(run):
    said = refused(run("serve", "--workers", 2, "--port", 49_317))

    assert "outspoken move" in said
    assert "--workers" in said


def test_an_address_to_listen_at_that_is_of_no_database_is_refused(run):
    said = refused(run("serve", "--listen-database", "mysql://db.example/outspoken", "--port", 49_317))

    assert said.startswith("outspoken: --listen-database:")
