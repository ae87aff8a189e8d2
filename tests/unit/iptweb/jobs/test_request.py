"""What people may ask for."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.jobs import CompareJob, Registry, RunJob, read_job_request
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
BUILD_RUN: dict[str, Any] = {
    "kind": "build-run",
    "request_id": "request-1",
    "system": "local",
    "source": "heat.c",
    "compile": "gcc -fopenmp",
    "output": "heat",
}
COMPARE: dict[str, Any] = {
    "kind": "compare",
    "request_id": "request-1",
    "system": "local",
    "serial": "heat.c",
    "parallel": "rose_heat.c",
    "serial_compile": "gcc",
    "parallel_compile": "gcc -fopenmp",
    "counts": [1, 2, 4],
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
    build_run_job = read_job_request(BUILD_RUN, REGISTRY)
    compare_job = read_job_request(COMPARE, REGISTRY)

    jobs = (compile_job, run_job, build_run_job, compare_job)
    assert [job.kind for job in jobs] == ["compile", "run", "build-run", "compare"]
    assert {job.system.name for job in jobs} == {"local"}


@pytest.mark.parametrize("command", [*HOSTILE, "-O2", " ", "x" * 1001])
def test_hostile_command(command: str) -> None:
    """A command that a shell would act on, or that is none, is refused by name."""
    assert field_of({**COMPILE, "command": command}) == "command"
    assert field_of({**BUILD_RUN, "compile": command}) == "compile"
    for field in ("serial_compile", "parallel_compile"):
        assert field_of({**COMPARE, field: command}) == field


@pytest.mark.parametrize("args", HOSTILE)
def test_hostile_arguments(args: str) -> None:
    """Arguments are plain words as well."""
    for body in (COMPILE, RUN, BUILD_RUN, COMPARE):
        assert field_of({**body, "args": args}) == "args"
    assert field_of({**BUILD_RUN, "compile_args": args}) == "compile_args"


@pytest.mark.parametrize("body", [COMPILE, RUN, BUILD_RUN, COMPARE])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "other"),
        ("kind", None),
        ("kind", ["run"]),
        ("request_id", "short"),
        ("request_id", "x" * 65),
        ("request_id", "has space"),
        ("request_id", "../../etc"),
        ("request_id", 12345678),
        ("system", "moon"),
        ("files", ["../x"]),
        ("files", ["a/x.h", "b/x.h"]),
        ("files", ["src/heat.c", "src/heat"]),
        ("files", "x.h"),
        ("files", ["x.h"] * 101),
        ("files", ["old/IPT_TIME"]),
        ("files", ["ipt-lib.sh"]),
        ("files", ["old/ipt-run-heat-request-0.out"]),
        ("modules", ["gcc"]),
        ("notify", "http://example.org/"),
        ("surprise", 1),
    ],
)
def test_bad_field_of_any_kind(body: dict[str, Any], field: str, value: Any) -> None:
    """What all kinds of jobs have is checked in each of them, and named."""
    assert field_of({**body, field: value}) == field


@pytest.mark.parametrize("body", [RUN, BUILD_RUN, COMPARE])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("queue", "big"),
        ("nodes", 2),
        ("nodes", 0),
        ("nodes", "1"),
        ("ranks", 0),
        ("ranks", "2"),
        ("ranks", 2.0),
        ("ranks", True),
        ("threads", 0),
        ("threads", "4"),
        ("threads", 5),
        ("threads", 10_000),
        ("run_time", "01:00:01"),
        ("run_time", "00:00:00"),
        ("run_time", "soon"),
        ("run_time", "1h"),
        ("run_time", ""),
        ("memory", "9GB"),
        ("memory", "much"),
        ("memory", "0GB"),
        ("memory", "-1GB"),
        ("memory", 4),
        ("launcher", "srun"),
        ("launcher", "mpirun -np 4; id"),
    ],
)
def test_bad_size_of_any_kind(body: dict[str, Any], field: str, value: Any) -> None:
    """What a program gets to run on is checked in each kind of job, and named."""
    assert field_of({**body, field: value}) == field


FILES = ["", "../x.c", "/etc/passwd", "~", "a\0.c", "${driver}.c", "IPT_TIME"]


@pytest.mark.parametrize("path", FILES)
def test_files_lie_in_the_home(path: str) -> None:
    """The files that a job is about are files of the home, with names that it takes."""
    assert field_of({**COMPILE, "source": path}) == "source"
    assert field_of({**RUN, "binary": path}) == "binary"
    assert field_of({**BUILD_RUN, "source": path}) == "source"
    assert field_of({**COMPARE, "serial": path}) == "serial"
    if path:
        assert field_of({**COMPARE, "parallel": path}) == "parallel"


@pytest.mark.parametrize("body", [COMPILE, BUILD_RUN])
@pytest.mark.parametrize(
    "name",
    [
        *("", "a/b", "-o", "..", "a b", "heat.c", "x.c", "$(id)", "x" * 101, "é"),
        *("x.ipcexe", "wrapper.sh", "ipt-lib.sh", "IPT_EXIT_CODE", "IPT_STAGE"),
        *("ipt-compile-heat-request-1.out", "ipt-x.err"),
    ],
)
def test_bad_output_name(body: dict[str, Any], name: str) -> None:
    """A program gets a plain name that nothing else in the job's folder has."""
    assert field_of({**body, "files": ["src/x.c"], "output": name}) == "output"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("counts", []),
        ("counts", [0]),
        ("counts", ["2"]),
        ("counts", "1 2 4"),
        ("counts", list(range(1, 10))),
        ("counts", [1, 5]),
        ("counts", [1_000_001]),
        ("repeats", 0),
        ("repeats", 6),
        ("repeats", "2"),
        ("ranks", 2),
        ("threads", 2),
        ("parallel", "old/heat.c"),
        ("serial", "old/compare"),
        ("parallel", "compare"),
        ("files", ["compare"]),
    ],
)
def test_bad_compare_field(field: str, value: Any) -> None:
    """Every field of a comparison is checked and named."""
    assert field_of({**COMPARE, field: value}) == field


@pytest.mark.parametrize("missing", ["counts", "serial"])
def test_missing_compare_field(missing: str) -> None:
    """A comparison needs two programs and something to count."""
    body = {name: value for name, value in COMPARE.items() if name != missing}

    assert field_of(body) == missing


def test_counts_are_sorted_and_each_once() -> None:
    """The counts of a comparison are tried from the smallest, each once."""
    job = read_job_request({**COMPARE, "counts": [4, 1, 4, 2]}, REGISTRY)

    assert isinstance(job, CompareJob)
    assert job.counts == (1, 2, 4)
    assert (job.sizes.ranks, job.sizes.threads) == (1, 4)


def test_a_comparison_of_ranks_keeps_the_place_of_their_number() -> None:
    """The launcher of a comparison gets each count when it runs."""
    body = {**COMPARE, "launcher": "mpirun -np {processors}"}
    job = read_job_request(body, REGISTRY)

    assert isinstance(job, CompareJob)
    assert job.launcher == "mpirun -np {ranks}"
    assert (job.sizes.ranks, job.sizes.threads) == (4, 1)


@pytest.mark.parametrize("parallel", ["", "heat.c", "~/heat.c"])
def test_one_source_is_compiled_in_two_ways(parallel: str) -> None:
    """The serial and the parallel program may be one source; both are compiled then."""
    body = {**COMPARE, "parallel": parallel}
    job = read_job_request(body, REGISTRY)

    assert isinstance(job, CompareJob)
    assert job.parallel == job.serial
    for field in ("serial_compile", "parallel_compile"):
        assert field_of(body | {field: ""}) == field


def test_programs_are_compared_without_compiling() -> None:
    """A comparison of programs that there are already has no compile commands."""
    body = {**COMPARE, "serial": "jobs/a/heat", "parallel": "jobs/b/heat_omp"}
    job = read_job_request(
        body | {"serial_compile": "", "parallel_compile": ""}, REGISTRY
    )

    assert isinstance(job, CompareJob)
    assert (job.serial_compile, job.parallel_compile) == ("", "")


@pytest.mark.parametrize(
    ("kind", "app"), [("build-run", "build_run_app"), ("compare", "compare_app")]
)
def test_a_system_without_the_app_takes_no_such_job(kind: str, app: str) -> None:
    """A kind of job that a system has no app for is refused, and told what it takes."""
    registry = Registry([{**SYSTEM, app: ""}])
    body = BUILD_RUN if kind == "build-run" else COMPARE

    with pytest.raises(BadRequest, match=f"takes no {kind} jobs") as caught:
        read_job_request(body, registry)
    assert caught.value.details == {"field": "system"}


@pytest.mark.parametrize("launcher", ["mpirun -np {processors}", "mpirun -np 3"])
@pytest.mark.parametrize("number", ["ranks", "processors"])
def test_launcher_is_filled_in(launcher: str, number: str) -> None:
    """A launcher of the registry may be sent as it is or filled in."""
    job = read_job_request({**RUN, number: 3, "launcher": launcher}, REGISTRY)

    assert isinstance(job, RunJob)
    assert job.launcher == "mpirun -np 3"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ranks": 2}, "ranks"),
        ({"processors": 2}, "processors"),
        ({"processors": 4, "threads": 2}, "processors"),
        ({"processors": 5, "launcher": "mpirun -np 5"}, "processors"),
        ({"processors": 2, "ranks": 3, "launcher": "mpirun -np 3"}, "processors"),
        ({"processors": -1}, "processors"),
    ],
)
def test_ranks_need_a_launcher(changes: dict[str, Any], field: str) -> None:
    """Ranks that nothing would start are refused, under the name they came by."""
    assert field_of(RUN | changes) == field


def test_processors_of_earlier_clients_are_for_threads_or_ranks() -> None:
    """An OpenMP run with as many processors as threads means what it did."""
    job = read_job_request({**RUN, "processors": 4, "threads": 4}, REGISTRY)

    assert isinstance(job, RunJob)
    assert (job.sizes.ranks, job.sizes.threads, job.sizes.processors) == (1, 4, 4)


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
    body = {**RUN, "nodes": 9, "ranks": 99, "run_time": "99:00:00", "memory": "9TB"}

    job = read_job_request(body | {"launcher": "mpirun -np 99"}, registry)

    assert isinstance(job, RunJob)
    assert (job.sizes.queue, job.sizes.processors) == (None, 11)


@given(st.text())
def test_accepted_words_hold_nothing_for_a_shell(text: str) -> None:
    """What passes splits into words, and bare ones hold nothing for a shell."""
    try:
        words = check_words(text, "args")
    except BadRequest:
        return
    if not set(words) & set("'\""):
        assert not set(words) & set(";&|<>$`\\")
    shlex.split(words)


@pytest.mark.parametrize(
    "args", ["'a;b'", '"x & y" > ', "--expr='$x < 3'", '"a\\"b;c"', "'`'", "'\\'"]
)
def test_words_in_quotation_marks(args: str) -> None:
    """Between quotation marks anything may stand; beside them it may not."""
    if args.endswith("> "):
        with pytest.raises(BadRequest, match="quotation marks"):
            check_words(args, "args")
    else:
        assert check_words(args, "args") == args


@pytest.mark.parametrize("args", ["'${AGAVE_JOB_ID}'", '"${args}"'])
def test_placeholders_are_refused(args: str) -> None:
    """Quotation marks mean nothing to who replaces placeholders."""
    with pytest.raises(BadRequest, match="platform"):
        check_words(args, "args")
