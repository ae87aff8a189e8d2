"""What would make a job again, read from its document."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.document import build_document
from iptweb.jobs.repeat import to_request
from iptweb.testing.settings import SYSTEM

REGISTRY = Registry([{**SYSTEM, "modules": True}])
COMPILE = {
    "kind": "compile",
    "system": "local",
    "command": "gcc -fopenmp",
    "source": "src/my heat.c",
    "output": "heat",
    "files": ["src/a.c", "x%.h"],
    "args": "-lm",
    "modules": ["gcc"],
}
RUN = {
    "kind": "run",
    "system": "local",
    "binary": "jobs/x/heat",
    "launcher": "mpirun -np {processors}",
    "args": "100 0.5",
    "threads": 4,
    "queue": "default",
    "nodes": 1,
    "processors": 2,
    "run_time": "00:05:00",
    "files": [],
    "modules": [],
}


def repeat(raw: dict[str, Any]) -> dict[str, Any] | None:
    """Return what would make a job of Ada's again."""
    return to_request(raw, REGISTRY, user="ada", storage_system="ipt.storage")


def document(body: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a request."""
    job = read_job_request(body | {"request_id": "request-1"}, REGISTRY)
    return build_document(job, user="ada", storage_system="ipt.storage", now=0)


@pytest.mark.parametrize("body", [COMPILE, RUN, RUN | {"launcher": "", "args": ""}])
def test_a_request_comes_back(body: dict[str, Any]) -> None:
    """What was asked for is read back from the document, field by field."""
    assert repeat(document(body)) == body


NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/$"))


@given(NAMES)
def test_any_file_name_comes_back(name: str) -> None:
    """A file is found again whatever its name is made of."""
    body = COMPILE | {"source": f"src/x{name}", "files": []}

    assert repeat(document(body)) == body


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


def test_an_unknown_launcher_is_left_empty() -> None:
    """A launcher that the registry does not offer can't be chosen again."""
    raw = document(RUN)
    raw["parameters"]["command"] = "srun"
    raw["parameters"]["args"] = ["1", 2]

    found = repeat(raw)

    assert found is not None
    assert (found["launcher"], found["args"]) == ("", "1 2")
