"""The registry of systems."""

from typing import Any

import pytest

from iptweb.errors import BadRequest, ConfigError
from iptweb.jobs import Registry
from iptweb.jobs.registry import to_seconds
from iptweb.testing.settings import SYSTEM

QUEUES = [
    {"name": "normal", "max_nodes": 2, "max_processors": 8, "max_run_time": "02:00:00"},
    {"name": "gpu", "default": True, "max_run_time": "00:10:00"},
]


def test_entries_are_shown_as_they_are() -> None:
    """The site gets the entries from which it makes its forms."""
    assert Registry([SYSTEM]).to_answer() == [SYSTEM]


def test_find() -> None:
    """A system is found by name, an unknown one names the known."""
    registry = Registry([SYSTEM])

    assert registry.find("local").label == "This machine"
    with pytest.raises(BadRequest, match="known are local"):
        registry.find("moon")
    with pytest.raises(BadRequest, match="known are none"):
        Registry([]).find("moon")


def test_by_app() -> None:
    """A job's app tells its system and kind."""
    registry = Registry([SYSTEM])

    assert registry.by_app("ipt-build-local-0.1.0") == ("local", "compile")
    assert registry.by_app("ipt-run-local-0.1.0") == ("local", "run")
    assert registry.by_app("other-1.0") == ("", "other")


def test_queues() -> None:
    """No name means the default queue, else the first, else none."""
    system = Registry([{**SYSTEM, "queues": QUEUES}]).find("local")
    first = Registry([{**SYSTEM, "queues": QUEUES[:1]}]).find("local")
    none = Registry([{**SYSTEM, "queues": []}]).find("local")

    names = [q.name for q in (system.queue(""), system.queue("normal")) if q]
    assert names == ["gpu", "normal"]
    assert first.queue("") == first.queues[0]
    assert none.queue("") is None
    with pytest.raises(BadRequest, match="it has normal, gpu"):
        system.queue("big")
    with pytest.raises(BadRequest, match="it has none"):
        none.queue("big")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("build_app", None),
        ("run_system", 3),
        ("launchers", "mpirun"),
        ("launchers", [1]),
        ("compilers", [1]),
        ("compilers", [{}]),
        ("queues", {}),
        ("queues", [{"name": "q", "max_run_time": "soon"}]),
        ("queues", [{"name": "q", "max_nodes": 0}]),
    ],
)
def test_malformed_entry(key: str, value: Any) -> None:
    """An entry that is malformed is named."""
    with pytest.raises(ConfigError, match=key):
        Registry([{**SYSTEM, key: value}])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:10:00", 600),
        ("100:00:01", 360_001),
        ("00:60:00", None),
        ("10:00", None),
        ("", None),
        ("00:00:00\n", None),
    ],
)
def test_to_seconds(text: str, seconds: int | None) -> None:
    """Run times are HH:MM:SS."""
    assert to_seconds(text) == seconds
