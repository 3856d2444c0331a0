"""The files of `deploy/` are what their programs take, and ask for nothing that isn't there."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from outspoken.figures import Figures
from outspoken.settings import Settings
from outspoken.web.metrics import exposition
from tests.deploy.fronts import DEPLOY, nginx_files, program

RULES = DEPLOY / "prometheus" / "rules.yml"
DASHBOARD = DEPLOY / "grafana" / "outspoken.json"
MANUAL = Path(__file__).parents[2] / "docs" / "manual" / "operation.md"
LARGEST_EXPOSURE = 20
"""What `systemd-analyze security` counts, times ten; a service without any hardening has 96."""


def taken(*command: str | Path, **environment: str) -> str:
    """Run a program, which has to be content, and return what it says."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def expressions() -> list[str]:
    """Return every question that the dashboard asks, with its variables filled in."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    return [text.replace("$__rate_interval", "1m").replace("$instance", ".*") for text in asked]


@pytest.mark.parametrize("keeps", [False, True])
def test_nginx_takes_its_files(tmp_path, keeps):
    main = nginx_files(tmp_path, keeps=keeps, secure=443, plain=80, behind=8000)

    taken(program("nginx"), "-t", "-p", tmp_path, "-c", main, "-e", tmp_path / "error.log")


def test_caddy_takes_its_file(tmp_path):
    file = DEPLOY / "caddy" / "Caddyfile"

    said = taken(program("caddy"), "validate", "--config", file, "--adapter", "caddyfile", HOME=str(tmp_path))

    assert "Valid configuration" in said
    assert taken(program("caddy"), "fmt", file) == file.read_text()


def test_varnish_takes_its_file(tmp_path):
    taken(program("varnishd"), "-C", "-n", tmp_path / "varnish", "-f", DEPLOY / "varnish" / "outspoken.vcl")


def test_prometheus_takes_its_files():
    taken(program("promtool"), "check", "config", DEPLOY / "prometheus" / "prometheus.yml")
    taken(program("promtool"), "check", "rules", RULES)


def test_every_alert_is_raised_by_its_trouble_and_none_by_a_quiet_server(tmp_path):
    taken(program("promtool"), "test", "rules", DEPLOY / "prometheus" / "rules.test.yml")


def test_systemd_takes_its_file_and_finds_little_that_the_service_may_do(tmp_path):
    analyze = program("systemd-analyze")
    unit = tmp_path / "outspoken.service"
    here = str(Path(sys.executable).with_name("outspoken"))
    text = (DEPLOY / "systemd" / "outspoken.service").read_text()
    assert "/opt/outspoken/bin/outspoken serve" in text
    unit.write_text(text.replace("ExecStart=/opt/outspoken/bin/outspoken", f"ExecStart={here}"))

    said = taken(analyze, "verify", "--man=no", unit)
    taken(analyze, "security", "--offline=yes", f"--threshold={LARGEST_EXPOSURE}", unit)

    assert "outspoken.service" not in said


def test_the_dashboard_and_the_alerts_ask_only_for_figures_that_there_are():
    text = exposition(Figures(), database_answers=True).decode()
    there = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    there |= {f"{name}{end}" for name in there for end in ("_bucket", "_count", "_sum")}

    asked = set(re.findall(r"\b(?:outspoken|process)_[a-z_]+\b", "\n".join([*expressions(), RULES.read_text()])))

    assert len(asked) > 20
    assert asked <= there
    assert list(text_string_to_metric_families(text))


def test_every_question_of_the_dashboard_can_be_read(tmp_path):
    rules = {"groups": [{"name": "dashboard", "rules": [
        {"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions())
    ]}]}  # fmt: skip
    file = tmp_path / "rules.yml"
    file.write_bytes(msgspec.json.encode(rules))

    taken(program("promtool"), "check", "rules", file)


def test_no_two_panels_of_the_dashboard_lie_upon_each_other():
    taken_up = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        grid = panel["gridPos"]
        cells = {
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken_up, panel["title"]
        assert all(x < 24 for x, _ in cells), panel["title"]
        taken_up |= cells


def test_the_manual_tells_of_every_alert_what_it_means():
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())

    assert len(alerts) == len(set(alerts)) == 10
    for alert in alerts:
        assert f"`{alert}`" in MANUAL.read_text(), alert


def test_the_settings_that_the_manual_shows_are_settings():
    shown = re.findall(r"```toml\n(.*?)```", MANUAL.read_text(), re.DOTALL)

    assert shown
    for text in shown:
        msgspec.convert(tomllib.loads(text), Settings)


@pytest.mark.parametrize("file", sorted(DEPLOY.rglob("*.*")), ids=lambda file: file.name)
def test_no_file_writes_requests_down(file):
    text = file.read_text()

    assert not re.search(
        r"access_log (?!off)|^\s*log_format|^\s*log \{\s*output|log_connections = 1", text, re.MULTILINE
    )
