"""What people may ask for."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.words import check_words
from iptweb.testing.settings import SYSTEM

REGISTRY = Registry([SYSTEM])
COMPILE: dict[str, Any] = {
    "kind": "compile",
    "request_id": "request-1",
    "system": "local",
    "command": "gcc -fopenmp",
    "source": "~/heat.c",
    "output": "heat",
}
RUN: dict[str, Any] = {
    "kind": "run",
    "request_id": "request-1",
    "system": "local",
    "binary": "jobs/x/heat",
}
HOSTILE = [
    "gcc; rm -rf ~",
    "gcc $(id)",
    "gcc `id`",
    "gcc\nid",
    "gcc | sh",
    "gcc & id",
    "gcc > /x",
    "gcc < /x",
    "gcc ${HOME}",
    "gcc \\",
    "gcc 'x",
    'gcc "x',
    "gcc\0",
]


def field_of(body: dict[str, Any]) -> str:
    """Return the field that a refusal names."""
    with pytest.raises(BadRequest) as caught:
        read_job_request(body, REGISTRY)
    return str(caught.value.details["field"])


def test_good_requests() -> None:
    """Good requests are taken with their defaults."""
    compile_job = read_job_request(COMPILE, REGISTRY)
    run_job = read_job_request(RUN, REGISTRY)

    assert (compile_job.kind, run_job.kind) == ("compile", "run")
    assert compile_job.system.name == "local"


@pytest.mark.parametrize("command", [*HOSTILE, "-O2", " ", "x" * 1001])
def test_hostile_command(command: str) -> None:
    """A command that a shell would act on, or that is none, is refused by name."""
    assert field_of({**COMPILE, "command": command}) == "command"


@pytest.mark.parametrize("args", HOSTILE)
def test_hostile_arguments(args: str) -> None:
    """Arguments are plain words as well."""
    assert field_of({**COMPILE, "args": args}) == "args"
    assert field_of({**RUN, "args": args}) == "args"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "other"),
        ("request_id", "short"),
        ("request_id", "x" * 65),
        ("request_id", "has space"),
        ("request_id", "../../etc"),
        ("system", "moon"),
        ("source", "../x.c"),
        ("source", "/etc/passwd"),
        ("source", "~"),
        ("source", "a\0.c"),
        ("source", "${driver}.c"),
        ("output", "a/b"),
        ("output", "-o"),
        ("output", ".."),
        ("output", "a b"),
        ("output", "heat.c"),
        ("output", "$(id)"),
        ("files", ["../x"]),
        ("files", ["a/x.h", "b/x.h"]),
        ("files", ["src/heat.c"]),
        ("files", "x.h"),
        ("files", ["x.h"] * 101),
        ("modules", ["gcc"]),
        ("surprise", 1),
    ],
)
def test_bad_compile_field(field: str, value: Any) -> None:
    """Every field of a compile request is checked and named."""
    assert field_of({**COMPILE, field: value}) == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("binary", "../x"),
        ("binary", ""),
        ("launcher", "mpirun -np 4; id"),
        ("launcher", "srun"),
        ("threads", 0),
        ("threads", "4"),
        ("threads", 10_000),
        ("queue", "big"),
        ("nodes", 2),
        ("nodes", -1),
        ("processors", 5),
        ("run_time", "01:00:01"),
        ("run_time", "00:00:00"),
        ("run_time", "soon"),
        ("run_time", "1h"),
        ("modules", ["gcc"]),
    ],
)
def test_bad_run_field(field: str, value: Any) -> None:
    """Every field of a run request is checked and named."""
    assert field_of({**RUN, field: value}) == field


@pytest.mark.parametrize("launcher", ["mpirun -np {processors}", "mpirun -np 3"])
def test_launcher_is_filled_in(launcher: str) -> None:
    """A launcher of the registry may be sent as it is or filled in."""
    job = read_job_request({**RUN, "processors": 3, "launcher": launcher}, REGISTRY)

    assert getattr(job, "launcher", None) == "mpirun -np 3"


def test_doubled_files_count_once() -> None:
    """The same file twice, or the main file again, is no further file."""
    body = {**COMPILE, "files": ["x.h", "~/x.h", "heat.c", "src/y.c"]}
    job = read_job_request(body, REGISTRY)

    assert [path.text for path in job.files] == ["x.h", "src/y.c"]


def test_modules() -> None:
    """Where a system has modules, their names are checked."""
    registry = Registry([{**SYSTEM, "modules": True}])

    job = read_job_request({**RUN, "modules": ["gcc/9.1.0"]}, registry)
    assert job.modules == ("gcc/9.1.0",)
    with pytest.raises(BadRequest, match="names such as"):
        read_job_request({**RUN, "modules": ["gcc; id"]}, registry)


def test_system_without_queues_has_no_limits() -> None:
    """Where there is no queue the platform's limits count."""
    registry = Registry([{**SYSTEM, "queues": []}])
    body = {**RUN, "nodes": 99, "processors": 99, "run_time": "99:00:00"}

    assert getattr(read_job_request(body, registry), "queue", "x") is None


@given(st.text())
def test_accepted_words_hold_nothing_for_a_shell(text: str) -> None:
    """What passes splits into words and has none of a shell's own characters."""
    try:
        words = check_words(text, "args")
    except BadRequest:
        return
    assert not set(words) & set(";&|<>$`\\")
    shlex.split(words)
