"""The registry of systems."""

from typing import Any

import pytest

from iptweb.errors import BadRequest, ConfigError
from iptweb.jobs import Registry
from iptweb.jobs.registry import Compiler, Module, Preset, fill_launcher, to_seconds
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


def test_label() -> None:
    """A system that is gone by now is called by its name."""
    registry = Registry([SYSTEM])

    assert registry.label("local") == "This machine"
    assert registry.label("moon") == "moon"


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        ("ipt-build-local-0.1.0", ("local", "compile")),
        ("ipt-run-local-0.1.0", ("local", "run")),
        ("ipt-build-run-local-0.1.0", ("local", "build-run")),
        ("ipt-compare-local-0.1.0", ("local", "compare")),
        ("ipt-run-local-0.9.0", ("local", "run")),
        ("ipt-run-local-0.2.0u1", ("local", "run")),
        ("ipt-run-local", ("local", "run")),
        ("ipt-run-far-0.1.0", ("far", "run")),
        ("ipt-run-local-x", ("", "other")),
        ("ipt-run-localhost-0.1.0", ("", "other")),
        ("other-1.0", ("", "other")),
        ("", ("", "other")),
    ],
)
def test_by_app(app: str, expected: tuple[str, str]) -> None:
    """A job's app, of whatever version, tells its system and kind."""
    far = {**SYSTEM, "name": "far", "run_app": "ipt-run-far-0.1.0"}

    assert Registry([SYSTEM, far]).by_app(app) == expected


def test_app_of_two_systems() -> None:
    """An app that two systems share is the first one's; the very id counts most."""
    near = {**SYSTEM, "name": "near", "run_app": "ipt-run-local-0.2.0"}
    registry = Registry([SYSTEM, near])

    assert registry.by_app("ipt-build-local-0.1.0") == ("local", "compile")
    assert registry.by_app("ipt-run-local-0.2.0") == ("near", "run")
    assert registry.by_app("ipt-run-local-0.3.0") == ("local", "run")


def test_apps_of_an_older_entry() -> None:
    """A system without the newer apps takes the older kinds of jobs only."""
    entry = {
        key: value
        for key, value in SYSTEM.items()
        if key not in {"build_run_app", "compare_app", "presets", "description"}
    }

    system = Registry([entry]).find("local")

    assert set(system.apps) == {"compile", "run"}
    assert (system.presets, system.description) == ((), "")


def test_entry_is_read() -> None:
    """What people choose from is read field by field."""
    modules = [{"name": "gcc/12", "label": "GCC"}, {"name": "cuda"}]
    entry = {**SYSTEM, "modules": True, "suggested_modules": modules}

    system = Registry([entry]).find("local")

    assert system.compilers == (Compiler("C", "gcc", "serial", "c"),)
    assert system.presets == (
        Preset("mpi", "MPI", "mpicc -O2", "mpirun -np {processors}", 4, 1, 1),
    )
    assert system.suggested_modules == (Module("gcc/12", "GCC"), Module("cuda", "cuda"))
    assert system.queues[0].max_memory == "8GB"
    assert system.queues[0].description == "The only queue"
    assert system.queues[0].max_seconds == 3600


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", ""),
        ("mpirun -np {ranks}", "mpirun -np 8"),
        ("mpirun -np {processors}", "mpirun -np 8"),
        ("srun -N {nodes} -n {ranks}", "srun -N 2 -n 8"),
        ("srun {cores} {ranks.x} {{ranks}}", "srun {cores} {ranks.x} {8}"),
    ],
)
def test_fill_launcher(template: str, expected: str) -> None:
    """Only the known placeholders are filled in; nothing is evaluated."""
    assert fill_launcher(template, ranks=8, nodes=2) == expected


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
        ("queues", [{"name": "q", "max_nodes": True}]),
        ("queues", [{"name": "q", "max_processors": "8"}]),
        ("presets", {}),
        ("presets", [{}]),
        ("presets", [{"name": "mpi", "ranks": 0}]),
        ("suggested_modules", [{"label": "GCC"}]),
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
