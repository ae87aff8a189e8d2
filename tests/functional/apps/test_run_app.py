"""The wrapper script of the run app, filled as Agave fills it and run by bash."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """#!/bin/sh
printf '%s|' "$OMP_NUM_THREADS" "$@"
"""


@pytest.fixture(name="values")
def _values(job_folder: Path) -> dict[str, str]:
    (job_folder / "heat").write_text(PROGRAM, "utf-8")
    return {"command": "", "args": "", "modules": "", "threads": "2", "binary": "heat"}


def test_run(run_app: Callable[..., Any], values: dict[str, str]) -> None:
    """The program is made executable, and gets its threads and its arguments."""
    ended = run_app("ipt-run", values | {"args": "100 'a b' $HOME"})

    assert (ended.code, ended.out) == (0, "2|100|a b|$HOME|")
    assert ended.file("IPT_EXIT_CODE") == "0\n"


def test_run_takes_time(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """The time of the program alone is written down in seconds."""
    (job_folder / "heat").write_text("#!/bin/sh\nsleep 0.2\n", "utf-8")

    ended = run_app("ipt-run", values)

    assert 0.2 <= float(ended.file("IPT_TIME")) < 5


def test_run_streams(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """What the program writes reaches the job's two outputs unchanged."""
    (job_folder / "heat").write_text("#!/bin/sh\necho a; echo b >&2\n", "utf-8")

    ended = run_app("ipt-run", values)

    assert (ended.out, ended.err) == ("a\n", "b\n")


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("", "2|x|"),
        ("  ", "2|x|"),
        ("./", "2|x|"),
        ("./heat", "2|x|"),
        ("./heat y", "2|y|x|"),
        ("env A=1", "2|x|"),
        ("env ./heat z", "2|z|x|"),
    ],
)
def test_run_launcher(
    run_app: Callable[..., Any], values: dict[str, str], command: str, line: str
) -> None:
    """A launcher gets the program, unless it names one as the first IPT allowed."""
    ended = run_app("ipt-run", values | {"command": command, "args": "x"})

    assert (ended.code, ended.out) == (0, line)


@pytest.mark.parametrize(
    ("script", "code", "sentence"),
    [
        ("exit 3", 3, "The program ended with code 3."),
        ("kill -SEGV $$", 139, "segmentation fault"),
        ("kill -ABRT $$", 134, "abort"),
        ("kill -FPE $$", 136, "arithmetic fault"),
        ("kill -KILL $$", 137, "killed"),
        ("exit 127", 127, "can't be started on this system, or ended with code 127"),
    ],
)
def test_run_failure(  # noqa: PLR0917 - three fixtures and a table of three columns
    run_app: Callable[..., Any],
    values: dict[str, str],
    job_folder: Path,
    script: str,
    code: int,
    sentence: str,
) -> None:
    """A program that fails fails the job, with its own code and a plain sentence."""
    (job_folder / "heat").write_text(f"#!/bin/sh\n{script}\n", "utf-8")

    ended = run_app("ipt-run", values)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (code, f"{code}\n")
    assert sentence in ended.err
    assert float(ended.file("IPT_TIME")) >= 0


@pytest.mark.parametrize("threads", ["0", "-1", "2;x", "1 2", "two", "10000", "1.5"])
def test_run_bad_threads(
    run_app: Callable[..., Any], values: dict[str, str], threads: str
) -> None:
    """The number of threads must be one."""
    ended = run_app("ipt-run", values | {"threads": threads})

    assert ended.code == 64
    assert "number of threads" in ended.err


@pytest.mark.parametrize(("threads", "seen"), [("8.0", "8|"), ("", "|")])
def test_run_threads(
    run_app: Callable[..., Any], values: dict[str, str], threads: str, seen: str
) -> None:
    """Threads may come as a decimal number, or not at all."""
    assert run_app("ipt-run", values | {"threads": threads}).out == seen


def test_run_missing_program(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A program that was not staged is named."""
    ended = run_app("ipt-run", values | {"binary": "other"})

    assert ended.code == 64
    assert "'other' is not in the job's folder" in ended.err


def test_run_unusual_name(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """A program may have a name full of what a shell would act upon."""
    name = "-a $(touch owned) 'b'; ä"
    (job_folder / "heat").rename(job_folder / name)

    ended = run_app("ipt-run", values | {"binary": name})

    assert (ended.code, ended.out) == (0, "2|")
    assert not (ended.folder / "owned").exists()


def test_run_hostile_arguments_arrive(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """The program itself gets such arguments to the letter."""
    ended = run_app("ipt-run", values | {"args": "$(id) `id` ; * ~ > x"})

    assert ended.out == "2|$(id)|`id`|;|*|~|>|x|"


@pytest.mark.needs("gcc", "openmpi")
def test_run_mpi(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """A launcher of MPI starts the program once for each process."""
    (job_folder / "heat").write_text("#!/bin/sh\necho here\n", "utf-8")
    assert shutil.which("mpirun")

    ended = run_app("ipt-run", values | {"command": "mpirun --oversubscribe -np 3"})

    assert (ended.code, ended.out) == (0, "here\n" * 3), ended.err
