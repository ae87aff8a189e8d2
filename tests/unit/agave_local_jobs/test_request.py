"""A job request against its queue."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest
from agave_local.services.jobs.quantities import (
    read_count,
    read_flag,
    read_memory,
    read_time,
    to_time,
)
from agave_local.services.jobs.request import JobRequest, read_request

SMALL = {
    "name": "small",
    "maxNodes": 2,
    "maxProcessorsPerNode": 4,
    "maxMemoryPerNode": "2GB",
    "maxRequestedTime": "00:30:00",
}
WIDE = {"name": "wide", "default": True, "maxNodes": -1, "maxMemoryPerNode": -1}


def _read(app: dict[str, Any] | None = None, **body: Any) -> JobRequest:
    empty = {"id": "a-1.0", "inputs": [], "parameters": [], **(app or {})}
    system = {"id": "sys", "queues": [SMALL, WIDE]}
    return read_request({"name": "job", **body}, empty, system)


def test_fill_in_defaults() -> None:
    """What a request leaves out comes from the app, the queue, or is usual."""
    plain = _read()
    app = {
        "defaultQueue": "small",
        "defaultNodeCount": 2,
        "defaultProcessorsPerNode": 3,
        "defaultMemoryPerNode": 1,
        "defaultMaxRunTime": "02:00:00",
    }
    filled = _read(app)

    assert (
        plain.queue,
        plain.nodes,
        plain.processors,
        plain.memory,
        plain.seconds,
    ) == ("wide", 1, 1, None, 3600)
    assert plain.archive
    assert (
        filled.queue,
        filled.nodes,
        filled.processors,
        filled.memory,
        filled.seconds,
    ) == ("small", 2, 3, 1.0, 1800)
    assert _read(batchQueue="small").memory == 2.0


def test_take_the_first_queue() -> None:
    """Where no queue is the default one, the first is."""
    system = {"id": "sys", "queues": [SMALL]}
    app = {"id": "a-1.0", "inputs": [], "parameters": []}

    assert read_request({"name": "x"}, app, system).queue == "small"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("nodeCount", 3, "at most 2"),
        ("nodeCount", 0, "nodeCount"),
        ("nodeCount", "x", "nodeCount"),
        ("nodeCount", True, "nodeCount"),
        ("nodeCount", 1.5, "nodeCount"),
        ("processorsPerNode", "5", "at most 4"),
        ("memoryPerNode", "3GB", "at most 2"),
        ("memoryPerNode", "much", "2GB"),
        ("memoryPerNode", True, "2GB"),
        ("memoryPerNode", "0.0GB", "more than no memory"),
        ("maxRunTime", "00:30:01", "at most 00:30:00"),
        ("maxRunTime", "1h", "01:30:00"),
        ("maxRunTime", 60, "01:30:00"),
        ("maxRunTime", "00:60:00", "01:30:00"),
        ("maxRunTime", "00:00:00", "more than no time"),
        ("archive", "maybe", "archive"),
        ("archiveSystem", 3, "archiveSystem"),
        ("archivePath", ["x"], "archivePath"),
        ("name", "x" * 129, "name"),
        ("name", "a\nb", "name"),
        ("name", " ", "name"),
        ("name", None, "name"),
        ("batchQueue", "none", "small, wide"),
        ("batchQueue", 3, "small, wide"),
    ],
)
def test_refuse_a_field(field: str, value: Any, words: str) -> None:
    """A field that is wrong, or too much for the queue, is refused by name."""
    with pytest.raises(BadRequest, match=words):
        _read(**{"batchQueue": "small", field: value})


@given(st.integers(1, 9999 * 3600 + 3599))
def test_times_come_back(seconds: int) -> None:
    """A time that is written is read as the same time."""
    assert seconds == read_time(to_time(seconds), "x")


@pytest.mark.parametrize(
    ("text", "gib"),
    [
        ("2GB", 2),
        ("2", 2),
        (2, 2),
        (1.5, 1.5),
        ("512MB", 0.5),
        ("1tb", 1024),
        ("2 G", 2),
    ],
)
def test_read_memory(text: Any, gib: float) -> None:
    """Memory is told in GB unless it says otherwise."""
    assert gib == read_memory(text, "x")


def test_read_small_things() -> None:
    """Texts of old clients are numbers and truth values too."""
    assert read_count("3", "x") == 3
    assert read_flag("TRUE", "x")
    assert not read_flag(0, "x")


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_said_of_the_archive(nothing: object) -> None:
    """Outputs are archived where a request says nothing, in whatever way."""
    assert _read(archive=nothing).archive
    assert not _read(archive=False).archive


def test_memory_without_a_limit() -> None:
    """An app that asks for no amount of memory leaves it to the queue."""
    assert _read({"defaultMemoryPerNode": -1, "defaultQueue": "small"}).memory == 2
    assert _read(memoryPerNode=-1).memory is None


def test_a_very_long_path() -> None:
    """An archive path has an end."""
    with pytest.raises(BadRequest, match="at most 4096"):
        _read(archivePath="x" * 5000)
