"""What an operator may say about what runs actors."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from agave_local.configuration.file import BadConfiguration, configure
from agave_local.services.actors.runner.limits import Limits
from agave_local.services.actors.runner.options import add_runner_options

HERE = Path()


def _settings(**content: Any) -> Any:
    (settings,) = configure(content, HERE, {}).settings(8080)
    return settings


def test_keys() -> None:
    """Each key of the file is a field of the tenant's settings."""
    settings = _settings(
        docker="unix:///run/podman/podman.sock",
        docker_network="host",
        docker_api_server="http://host.docker.internal:8080/",
        docker_user="1000:1000",
        docker_pulls=False,
        execution_limits={"run_time": 5, "memory": "2g", "processes": 7},
    )

    assert settings.docker == "unix:///run/podman/podman.sock"
    assert settings.docker_network == "host"
    assert settings.docker_api_server == "http://host.docker.internal:8080"
    assert settings.docker_user == "1000:1000"
    assert settings.docker_pulls is False
    assert settings.execution_limits == Limits(5, 2 << 30, 7)


def test_options() -> None:
    """An option is a key; the limits are written in one."""
    parser = argparse.ArgumentParser()
    add_runner_options(parser)
    given = vars(
        parser.parse_args(
            [
                *("--docker", "tcp://127.0.0.1:2375"),
                *("--execution-limits", "run_time=1.5, memory=1m,file_size=2k"),
            ]
        )
    )

    options = {name: value for name, value in given.items() if value is not None}
    (settings,) = configure({}, HERE, options).settings(8080)

    assert settings.docker == "tcp://127.0.0.1:2375"
    assert settings.execution_limits == Limits(1.5, 1 << 20, None, 2048)


def test_nothing_said() -> None:
    """Without a word there is no engine."""
    assert _settings().docker == ""
    assert _settings().execution_limits == Limits()


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("docker", "ssh://me@host", "is an engine of this machine"),
        ("docker", "tcp://10.0.0.1:2375", "is an engine of this machine"),
        ("docker", "tcp://example.org:2375", "is an engine of this machine"),
        ("docker", "unix://", "is an engine of this machine"),
        ("docker", "tcp://[", "is an engine of this machine"),
        ("docker", "tcp://", "is an engine of this machine"),
        ("docker", 1, "is a text"),
        ("docker_network", "container:x", "is the name of one"),
        ("docker_api_server", "ftp://x", "is an address"),
        ("docker_user", "root", "is two numbers"),
        ("docker_pulls", "no", "is true or false"),
        ("execution_limits", 5, "is a mapping with some of run_time"),
        ("execution_limits", {"time": 5}, "is a mapping with some of run_time"),
        ("execution_limits", "fast", "is a mapping with some of run_time"),
        ("execution_limits", {"run_time": "soon"}, "bad run_time"),
        ("execution_limits", {"run_time": 0}, "bad run_time"),
        ("execution_limits", {"run_time": True}, "bad run_time"),
        ("execution_limits", {"run_time": None}, "bad run_time"),
        ("execution_limits", {"run_time": "nan"}, "bad run_time"),
        ("execution_limits", {"memory": "much"}, "bad memory: A size"),
        ("execution_limits", {"memory": 0}, "more than nothing"),
        ("execution_limits", {"file_size": "-1"}, "bad file_size"),
        ("execution_limits", {"processes": 0}, "bad processes"),
        ("execution_limits", {"processes": 1.5}, "bad processes"),
    ],
)
def test_refusals(key: str, value: Any, why: str) -> None:
    """What cannot be is refused by its key, with what can."""
    with pytest.raises(BadConfiguration, match=f"{key} .*{why}"):
        _settings(**{key: value})
