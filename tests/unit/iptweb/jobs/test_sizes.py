"""How large a job is, and whether its queue has room."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.jobs import BuildRunJob, CompareJob, Registry, RunJob, read_job_request
from iptweb.jobs.sizes import Sizes, read_memory, to_megabytes, to_memory
from iptweb.testing.settings import SYSTEM

LARGE = {
    "name": "large",
    "max_nodes": 16,
    "max_processors": 24,
    "max_run_time": "48:00:00",
    "max_memory": "64GB",
}
CLUSTER = SYSTEM | {
    "name": "cluster",
    "launchers": ["", "mpirun -np {ranks}", "srun -N {nodes} -n {ranks}", "ibrun"],
    "queues": [LARGE | {"default": True}, {"name": "small"}],
}
REGISTRY = Registry([CLUSTER])
RUN: dict[str, Any] = {
    "kind": "run",
    "request_id": "request-1",
    "system": "cluster",
    "binary": "heat",
    "launcher": "mpirun -np {ranks}",
}
COMPARE: dict[str, Any] = {
    "kind": "compare",
    "request_id": "request-1",
    "system": "cluster",
    "serial": "heat",
    "parallel": "rose_heat",
}


def refusal(body: dict[str, Any]) -> tuple[str, str]:
    """Return the field that a refusal names, and its sentence."""
    with pytest.raises(BadRequest) as caught:
        read_job_request(body, REGISTRY)
    return str(caught.value.details["field"]), caught.value.message


def sizes_of(body: dict[str, Any]) -> Sizes:
    """Return the sizes of a job that is let through."""
    job = read_job_request(body, REGISTRY)
    assert isinstance(job, RunJob | BuildRunJob | CompareJob)
    return job.sizes


@given(nodes=st.integers(1, 32), ranks=st.integers(1, 400), threads=st.integers(1, 64))
def test_a_node_has_a_processor_for_each_thread_of_each_of_its_ranks(
    nodes: int, ranks: int, threads: int
) -> None:
    """Ranks are spread evenly; what a node can't hold is refused, nothing else is."""
    body = RUN | {"nodes": nodes, "ranks": ranks, "threads": threads}
    processors = math.ceil(ranks / nodes) * threads
    fits = nodes <= min(16, ranks) and processors <= 24

    if fits:
        assert sizes_of(body).processors == processors
    else:
        assert refusal(body)[0] in {"nodes", "ranks", "threads"}


@given(
    nodes=st.integers(1, 20),
    counts=st.lists(st.integers(1, 500), min_size=1, max_size=8),
    launched=st.booleans(),
)
def test_a_comparison_needs_room_for_its_largest_run(
    nodes: int,
    counts: list[int],
    launched: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """Threads stay on one node; ranks are spread over all that were asked for."""
    launcher = "srun -N {nodes} -n {ranks}" if launched else ""
    body = COMPARE | {"nodes": nodes, "counts": counts, "launcher": launcher}
    most = max(counts)
    fits = (nodes == 1 or (launched and nodes <= min(16, most))) and (
        math.ceil(most / nodes) <= 24
    )

    if fits:
        assert sizes_of(body).processors == math.ceil(most / nodes)
    else:
        assert refusal(body)[0] in {"nodes", "counts"}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"threads": 25},
            "threads",
            "threads asks for 25 processors; queue large has 24 on a node.",
        ),
        (
            {"ranks": 26, "nodes": 1},
            "ranks",
            "ranks on 1 node: 26 processors on a node; queue large has 24 on a node.",
        ),
        (
            {"ranks": 13, "nodes": 2, "threads": 4},
            "ranks",
            "asks for 13 ranks of 4 threads on 2 nodes: 28 processors on a node; queue",
        ),
        ({"ranks": 2, "threads": 30}, "threads", "queue large has 24 on a node."),
        ({"nodes": 17, "ranks": 17}, "nodes", "over the limit of queue large: 16."),
        ({"nodes": 3, "ranks": 2}, "ranks", "at least 3, one on each of the nodes."),
        ({"run_time": "48:00:01"}, "run_time", "limit of queue large: 48:00:00."),
        ({"run_time": "1:00"}, "run_time", "must be HH:MM:SS"),
        ({"memory": "65GB"}, "memory", "over the limit of queue large: 64GB."),
        ({"memory": "65537 mb"}, "memory", "over the limit of queue large: 64GB."),
        ({"memory": "a lot"}, "memory", "such as 4GB or 512MB"),
        ({"memory": "999999999TB"}, "memory", "such as 4GB or 512MB"),
        ({"queue": "huge"}, "queue", "it has large, small."),
        ({"queue": "small", "threads": 2}, "threads", "queue small has 1 on a node."),
    ],
)
def test_a_refusal_says_what_would_be_right(
    changes: dict[str, Any], field: str, sentence: str
) -> None:
    """A job that its queue has no room for is told the field and the limit."""
    named, message = refusal(RUN | changes)

    assert named == field
    assert sentence in message


def test_threads_are_counted_on_one_node() -> None:
    """A comparison of threads on several nodes is told what it would take."""
    field, message = refusal(COMPARE | {"counts": [1, 2], "nodes": 2})

    assert field == "nodes"
    assert "Choose a launcher" in message


def test_a_queue_without_a_memory_limit_takes_any() -> None:
    """Where the registry does not know the memory the platform decides."""
    assert sizes_of(RUN | {"queue": "small", "memory": "900GB"}).memory == "900GB"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("4GB", "4GB"),
        ("4g", "4GB"),
        ("0.5 GB", "512MB"),
        ("2048MB", "2GB"),
        ("1500M", "1500MB"),
        ("1TB", "1024GB"),
    ],
)
def test_memory_is_written_in_one_way(text: str, written: str) -> None:
    """However an amount is typed, the document has it in whole units."""
    assert read_memory(text, REGISTRY.find("cluster")) == written


@given(st.integers(1, 10**9 - 1))
def test_memory_is_read_back(megabytes: int) -> None:
    """An amount that was written is read as the same one."""
    text = to_memory(megabytes)

    assert to_megabytes(text) == megabytes
    assert read_memory(text, REGISTRY.find("cluster")) == text
