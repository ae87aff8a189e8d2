"""What would make a job again, read from its document."""

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.document import build_document
from iptweb.jobs.repeat import to_request
from iptweb.jobs.resubmission import read_same_job
from iptweb.testing.settings import SYSTEM

CLUSTER = SYSTEM | {
    "modules": True,
    "launchers": [
        "",
        "mpirun -np {processors}",
        "srun -N {nodes} -n {ranks}",
        "ibrun",
    ],
    "queues": [
        *SYSTEM["queues"],
        {
            "name": "large",
            "max_nodes": 8,
            "max_processors": 64,
            "max_run_time": "48:00:00",
            "max_memory": "96GB",
        },
        {"name": "vague", "max_nodes": 4, "max_processors": 64},
    ],
}
REGISTRY = Registry([CLUSTER])
ANY: dict[str, Any] = {
    "system": "local",
    "args": "100 '0 .5'",
    "files": ["src/a.c", "x%.h"],
    "modules": ["gcc/9.1.0", "mpi"],
    "notify": "https://example.org/${JOB_ID}",
}
SIZED: dict[str, Any] = ANY | {
    "queue": "large",
    "nodes": 2,
    "run_time": "00:05:00",
    "memory": "4GB",
}
COMPILE = ANY | {
    "kind": "compile",
    "command": "gcc -fopenmp",
    "source": "src/my heat.c",
    "output": "heat",
}
RUN = SIZED | {
    "kind": "run",
    "binary": "jobs/x/heat",
    "launcher": "mpirun -np {processors}",
    "ranks": 6,
    "threads": 4,
}
BUILD_RUN = SIZED | {
    "kind": "build-run",
    "source": "src/my heat.c",
    "compile": "mpicc -O2",
    "compile_args": "-lm",
    "output": "heat",
    "launcher": "srun -N {nodes} -n {ranks}",
    "ranks": 5,
    "threads": 2,
}
COMPARE = SIZED | {
    "kind": "compare",
    "serial": "heat.c",
    "parallel": "rose heat.c",
    "serial_compile": "gcc -O2",
    "parallel_compile": "mpicc -O2",
    "launcher": "mpirun -np {processors}",
    "counts": [2, 4, 8],
    "repeats": 3,
}
BODIES = [COMPILE, RUN, BUILD_RUN, COMPARE]

WORDS = st.lists(
    st.text(
        st.characters(exclude_categories=["C", "Z"], exclude_characters=";&|<>$`\\'\""),
        min_size=1,
        max_size=8,
    ),
    max_size=3,
).map(" ".join)
NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="/$"), max_size=12
).map("x{}".format)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Make a body of any kind, most of which are let through."""
    body: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(BODIES)))
    body["args"] = draw(WORDS)
    body["notify"] = draw(st.sampled_from(["", "https://example.org/x?id=${JOB_ID}"]))
    body["files"] = draw(st.lists(NAMES.map("src/y{}".format), max_size=2, unique=True))
    for field in {"source", "binary", "serial", "parallel"} & body.keys():
        body[field] = f"{field}/{field}{draw(NAMES)}"
    if body["kind"] == "compile":
        return body
    body["queue"] = draw(st.sampled_from(["default", "large", "vague"]))
    body["nodes"] = draw(st.integers(1, 3))
    body["memory"] = draw(st.sampled_from(["", "1GB", "1500MB", "8GB", "96GB"]))
    body["launcher"] = draw(st.sampled_from(CLUSTER["launchers"]))
    if body["kind"] == "compare":
        body["counts"] = draw(st.lists(st.integers(1, 64), min_size=1, max_size=8))
        body["repeats"] = draw(st.integers(1, 5))
        body["parallel"] = draw(st.sampled_from([body["parallel"], body["serial"], ""]))
        body["serial_compile"] = draw(st.sampled_from(["", "gcc -O2"]))
        return body
    body["ranks"] = draw(st.integers(1, 24))
    body["threads"] = draw(st.integers(1, 8))
    return body


def repeat(raw: dict[str, Any]) -> dict[str, Any] | None:
    """Return what would make a job of Ada's again."""
    return to_request(raw, REGISTRY, user="ada", storage_system="ipt.storage")


def document(body: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a request."""
    job = read_job_request(body | {"request_id": "request-1"}, REGISTRY)
    return build_document(job, user="ada", storage_system="ipt.storage", now=0)


def as_agave_has_it(made: dict[str, Any]) -> dict[str, Any]:
    """Return a document as a job: lists of inputs, numbers as fractions, gigabytes."""
    memory = str(made.get("memoryPerNode", ""))
    amount = float(re.sub("[A-Z]", "", memory) or 0)
    return made | {
        "id": "1-007",
        "owner": "ada",
        "status": "FINISHED",
        "memoryPerNode": (amount / 1024 if "MB" in memory else amount) or None,
        "inputs": {
            name: given if isinstance(given, list) else [given]
            for name, given in made["inputs"].items()
        },
        "parameters": {
            name: float(given) if isinstance(given, int) else given
            for name, given in made["parameters"].items()
        },
    }


@pytest.mark.parametrize(
    "body", [*BODIES, RUN | {"launcher": "", "ranks": 1, "nodes": 1}]
)
def test_a_request_comes_back(body: dict[str, Any]) -> None:
    """What was asked for is read back from the document, field by field."""
    assert repeat(document(body)) == body


@given(bodies())
def test_any_document_comes_back(body: dict[str, Any]) -> None:
    """Document to fields to document is the same document, whatever the job."""
    try:
        made = document(body)
    except BadRequest:
        return
    for raw in (made, as_agave_has_it(made)):
        fields = repeat(raw)
        assert fields is not None
        assert document(fields) == made


@given(bodies())
def test_any_job_can_be_submitted_once_more(body: dict[str, Any]) -> None:
    """The same job under a new request is the same document but for its own names."""
    try:
        made = document(body)
    except BadRequest:
        return
    job = read_same_job(
        as_agave_has_it(made),
        "request-2",
        REGISTRY,
        user="ada",
        storage_system="ipt.storage",
    )

    again = build_document(job, user="ada", storage_system="ipt.storage", now=0)
    own = ("name", "archivePath")
    assert {name: again[name] for name in again if name not in own} == {
        name: made[name] for name in made if name not in own
    }
    for name in own:
        assert again[name] == made[name].replace("request-1", "request-2")


@given(NAMES)
def test_any_file_name_comes_back(name: str) -> None:
    """A file is found again whatever its name is made of."""
    body = COMPILE | {"source": f"src/x{name}", "files": []}

    assert repeat(document(body)) == body


def test_one_source_of_both_programs_comes_back() -> None:
    """One source of both programs stands in both fields again; Agave gets it once."""
    body = COMPARE | {"parallel": "heat.c"}
    made = document(body)

    assert "parallel" not in made["inputs"]
    assert repeat(made) == body


def test_all_of_a_queue_s_memory_is_nothing_asked_for() -> None:
    """Where nothing was asked for the queue's limit is sent, and is no field again."""
    made = document(RUN | {"memory": ""})

    assert made["memoryPerNode"] == "96GB"
    assert (repeat(as_agave_has_it(made)) or {})["memory"] == ""


def test_processors_of_earlier_clients_come_back_as_ranks() -> None:
    """A run that was sent with processors on each node has ranks in its form."""
    old = {name: value for name, value in RUN.items() if name != "ranks"}

    assert repeat(document(old | {"processors": 3})) == RUN


@pytest.mark.parametrize(
    "changes", [{"appId": "other-1.0"}, {"inputs": None}, {"parameters": "x"}, {}]
)
def test_a_foreign_job_has_no_form(changes: dict[str, Any]) -> None:
    """A job of another app, or a summary without details, can't be made again."""
    raw = document(COMPILE) | changes if changes else {}

    assert repeat(raw) is None


@pytest.mark.parametrize(
    "uri",
    ["agave://other/ada/x.c", "agave://ipt.storage/bob/x.c", "https://h/ada/x.c", None],
)
def test_a_file_from_elsewhere_is_left_empty(uri: Any) -> None:
    """A file outside the home is nothing that the form can name."""
    raw = document(COMPILE)
    raw["inputs"] = {"driver": uri, "supplementalFiles": uri}

    found = repeat(raw)

    assert found is not None
    assert (found["source"], found["files"]) == ("", [])


@pytest.mark.parametrize(
    ("given_threads", "threads"),
    [(4.0, 4), ("4.0", 4), ([2], 1), (None, 1), (0, 1), ("inf", 1), ("x", 1)],
)
def test_numbers_are_read_as_agave_writes_them(
    given_threads: Any, threads: int
) -> None:
    """A number may come back as a fraction or as text; what is none is 1."""
    raw = document(RUN)
    raw["parameters"]["threads"] = given_threads

    found = repeat(raw)

    assert found is not None
    assert found["threads"] == threads


@pytest.mark.parametrize(
    ("amount", "memory"),
    [
        (2, "2GB"),
        ("2", "2GB"),
        ("2GB", "2GB"),
        (0.5, "512MB"),
        (96.0, ""),
        (None, ""),
        ("x", ""),
        (float("inf"), ""),
        (float("nan"), ""),
        (-1, ""),
        ([], ""),
    ],
)
def test_memory_is_read_as_agave_writes_it(amount: Any, memory: str) -> None:
    """Memory comes back in gigabytes; what is none is all of the queue's."""
    found = repeat(document(RUN) | {"memoryPerNode": amount})

    assert found is not None
    assert found["memory"] == memory


def test_an_unknown_launcher_is_left_empty() -> None:
    """A launcher that the registry does not offer can't be chosen again."""
    raw = document(RUN)
    raw["parameters"]["command"] = "srun"
    raw["parameters"]["args"] = ["1", 2]

    found = repeat(raw)

    assert found is not None
    assert (found["launcher"], found["args"]) == ("", "1 2")
    # As many as there was room for: the form says that they need a launcher.
    assert found["ranks"] == 6
