"""A job that is told to end: the program is told, and what is known is kept."""

import time
from pathlib import Path
from typing import Any

import pytest

# Ends by itself once it is told to, and leaves a word of it.
POLITE = """#!/bin/sh
trap 'echo told >told; kill $child; exit 0' TERM
sleep 30 &
child=$!
touch ready
wait
"""
STUBBORN = (
    "#!/bin/sh\ntrap '' TERM\ntouch ready\nwhile [ ! -e go ]; do sleep 0.02; done\n"
)


def _end(bench: Any, process: Any) -> Any:
    bench.wait_for("ready")
    process.terminate()
    return bench.end(process)


def _runs(pid: str) -> bool:
    try:
        state = Path("/proc", pid, "stat").read_text("utf-8").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


@pytest.fixture(autouse=True)
def _staged(bench: Any, recorded: None) -> None:
    del recorded
    bench.put("polite", POLITE)
    (bench.folder / "polite").chmod(0o755)
    bench.put("heat.c", "")


@pytest.mark.parametrize(
    ("app", "values"),
    [
        ("ipt-build", {"command": "./polite", "output": "heat", "driver": "heat.c"}),
        ("ipt-run", {"binary": "polite"}),
        ("ipt-run", {"binary": "polite", "command": "env X=1"}),
        (
            "ipt-build-run",
            {"compileCommand": "./polite", "output": "heat", "driver": "heat.c"},
        ),
        ("ipt-compare", {"serial": "polite", "counts": "1"}),
    ],
)
def test_term_reaches_the_program(bench: Any, app: str, values: dict[str, str]) -> None:
    """The signal is passed on, and the job ends with 143 whatever the program says."""
    process = bench.start(
        app, values, macros={"AGAVE_JOB_CALLBACK_FAILURE": "touch called-back"}
    )

    ended = _end(bench, process)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (143, "143\n")
    assert ended.file("told") == "told\n"
    assert "The job was stopped, or is past its time." in ended.err
    assert not (ended.folder / "called-back").exists()


def test_term_keeps_the_time(bench: Any) -> None:
    """How long the program ran until it was told to end is known."""
    ended = _end(bench, bench.start("ipt-run", {"binary": "polite"}))

    assert 0 < float(ended.file("IPT_TIME")) < 20


def test_term_before_all_is_killed(bench: Any) -> None:
    """What is known is written at once, in case that the program does not end."""
    bench.put("stubborn", STUBBORN)
    process = bench.start("ipt-run", {"binary": "stubborn"})
    bench.wait_for("ready")

    process.terminate()
    bench.wait_for("IPT_TIME")
    noted = (bench.folder / "IPT_EXIT_CODE").read_text("utf-8")
    process.terminate()
    bench.put("go", "")
    ended = bench.end(process)

    assert noted == "143\n"
    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (143, "143\n")


def test_term_keeps_the_stage(bench: Any) -> None:
    """A job that compiled and was stopped while it ran says so."""
    bench.put("compiler", "#!/bin/sh\ncp polite heat\n")
    values = {"compileCommand": "./compiler", "output": "heat", "driver": "heat.c"}

    ended = _end(bench, bench.start("ipt-build-run", values))

    assert (ended.code, ended.file("IPT_STAGE")) == (143, "run\n")


def test_term_keeps_the_table(bench: Any) -> None:
    """The runs that ended are kept, and the one that was stopped is told apart."""
    bench.put("serial", "#!/bin/sh\necho out\n")
    values = {"serial": "serial", "parallel": "polite", "counts": "1 2"}

    ended = _end(bench, bench.start("ipt-compare", values))

    assert ended.code == 143
    assert ended.table() == [["serial", "1", "0"], ["1", "1", "0"]]
    assert ended.file("compare/serial.out") == "out\n"


def test_program_ended_by_term(run_app: Any, bench: Any) -> None:
    """A program that is told to end by somebody else fails by itself."""
    bench.put("heat", "#!/bin/sh\nkill -TERM $$\n")

    ended = run_app("ipt-run", {"binary": "heat"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (143, "143\n")
    assert "The program was told to end (signal TERM)." in ended.err


@pytest.mark.needs("openmpi")
def test_term_reaches_ranks(bench: Any) -> None:
    """A launcher of MPI that is told to end takes its ranks with it."""
    bench.put("rank", '#!/bin/sh\ntouch ready\necho "$$" >>pids\nexec sleep 30\n')
    values = {"binary": "rank", "command": "mpirun --oversubscribe -np 2"}

    ended = _end(bench, bench.start("ipt-run", values))

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (143, "143\n")
    deadline = time.monotonic() + 10
    while any(map(_runs, ended.file("pids").split())):
        assert time.monotonic() < deadline, "a rank lives on"
        time.sleep(0.02)
