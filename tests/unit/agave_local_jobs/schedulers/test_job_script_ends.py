"""The job script, run for real: how a program ends, and what is told of it."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.confinement import to_command
from agave_local.services.jobs.order import Exit, Order, read_exit
from agave_local.services.jobs.schedulers.base import Run
from agave_local.services.jobs.schedulers.testing import make_run


def test_segmentation_fault(scripts: Any, tmp_path: Path) -> None:
    """A program that a signal ends has the code that a shell gives it."""
    run = make_run(tmp_path, "kill -SEGV $$")

    assert scripts.run(run) == Exit("exited", 139)


def test_end_that_is_asked_for(scripts: Any, tmp_path: Path) -> None:
    """A program that is asked to end may do so in its own way."""
    program = "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.02; done"
    run = make_run(tmp_path, program)
    job = scripts.start(run)
    scripts.wait_for_output(run)
    scripts.ask(run, job)

    assert job.wait(20) == 4
    assert read_exit(Path(run.control)) == Exit("ended", 4)
    assert scripts.out(run) == "ready\nbye\n"


def test_program_that_does_not_end(scripts: Any, tmp_path: Path) -> None:
    """A program that does not end when asked is forced to, with all it started."""
    program = "trap '' TERM; sleep 100 & echo $!; echo ready; while :; do wait; done"
    run = make_run(tmp_path, program)
    job = scripts.start(run, grace=1)
    scripts.wait_for_output(run)
    scripts.ask(run, job)

    assert job.wait(20) == 137
    assert read_exit(Path(run.control)) == Exit("ended", 137)
    assert not scripts.is_alive(int(scripts.out(run).split()[0]))


def test_end_from_outside(scripts: Any, tmp_path: Path) -> None:
    """A script that somebody else ends leaves no last word: the scheduler knows why."""
    run = make_run(tmp_path, "echo ready; sleep 100")
    job = scripts.start(run)
    scripts.wait_for_output(run)
    job.send_signal(signal.SIGTERM)

    assert job.wait(20) == 143
    assert read_exit(Path(run.control)) is None
    assert Path(run.events, "job-1.ended").exists()


def test_end_of_time_from_outside(scripts: Any, tmp_path: Path) -> None:
    """A script that is ended when its time is as good as over says that it was time."""
    run = make_run(tmp_path, "echo ready; sleep 100", seconds=4)
    job = scripts.start(run)
    scripts.wait_for_output(run)
    job.send_signal(signal.SIGTERM)

    job.wait(20)
    assert read_exit(Path(run.control)) == Exit("time", 143)


def test_end_at_any_moment(scripts: Any, tmp_path: Path) -> None:
    """A run that is ended at any moment is over soon and leaves no process."""
    for turn in range(12):
        run = make_run(tmp_path, "echo $$; exec sleep 100", f"job-{turn}")
        job = scripts.start(run)
        time.sleep(turn * 0.004)
        scripts.ask(run, job)
        job.wait(20)

        ended = read_exit(Path(run.control))
        # Before its first line the script can't say anything; a program that is asked
        # as it begins may miss that, and is forced.
        assert ended in (None, Exit("ended", 143), Exit("ended", 137))
        if ended is None:
            assert not Path(run.control, "program").exists()
        out = Path(run.work, "out put.out")
        words = out.read_text("utf-8").split() if out.exists() else []
        assert not any(scripts.is_alive(int(word)) for word in words)


def test_time_limit(scripts: Any, tmp_path: Path) -> None:
    """A program ends when its time is over."""
    run = make_run(tmp_path, "sleep 100", seconds=1)

    assert scripts.run(run) == Exit("time", 143)


def test_file_limit(scripts: Any, tmp_path: Path) -> None:
    """A program whose file grows too large ends, and it is told why."""
    program = "exec head -c 3000000 /dev/zero"
    run = make_run(tmp_path, program, file_mib=1)

    assert scripts.run(run) == Exit("bytes", 153)
    assert Path(run.work, "out put.out").stat().st_size == 1 << 20


def test_folder_limit(scripts: Any, tmp_path: Path) -> None:
    """A program that fills its folder ends, and it is told why."""
    program = "for i in 1 2 3; do head -c 600000 /dev/zero >$i; done; sleep 100"
    run = make_run(tmp_path, program, total_mib=1)

    assert scripts.run(run) == Exit("bytes", 143)


def test_memory_limit(scripts: Any, tmp_path: Path) -> None:
    """A process gets no more memory than the run has, unless a scheduler sees to it."""
    first = make_run(tmp_path, "ulimit -v; ulimit -c", memory_mib=200)
    second = make_run(tmp_path, "ulimit -v", "job-2", memory_mib=200)

    assert (
        scripts.run(first)
        == scripts.run(second, limits_memory=False)
        == Exit("exited", 0)
    )
    assert scripts.out(first) == "204800\n0\n"
    assert scripts.out(second) == "unlimited\n"


def test_what_is_left_behind(scripts: Any, tmp_path: Path) -> None:
    """Processes that outlive their program are ended, wherever they hide."""
    program = (
        "sleep 100 & echo $!; setsid -f bash -c 'echo $$; exec sleep 100'; sleep 0.1"
    )
    run = make_run(tmp_path, program)

    assert scripts.run(run) == Exit("exited", 0)
    pids = [int(word) for word in scripts.out(run).split()]
    assert len(pids) == 2
    scripts.wait_for(lambda: not any(scripts.is_alive(pid) for pid in pids))


def test_node_of_two_clusters(scripts: Any, tmp_path: Path) -> None:
    """A job's end is not that of another cluster's job with the same number."""
    scripts.outer |= {"SLURM_JOB_ID": "1"}
    other = make_run(tmp_path / "other", "echo ready; sleep 100", "job-2")
    job = scripts.start(other)
    scripts.wait_for_output(other)

    assert scripts.run(make_run(tmp_path, "true")) == Exit("exited", 0)

    assert job.poll() is None
    scripts.ask(other, job)
    assert job.wait(20) == 143
    assert read_exit(Path(other.control)) == Exit("ended", 143)


def test_second_claim(scripts: Any, tmp_path: Path) -> None:
    """Who comes second ends at once and changes nothing."""
    run = make_run(tmp_path, "echo once >>count")

    assert scripts.run(run) == Exit("exited", 0)
    Path(run.events, "job-1.ended").unlink()

    assert scripts.start(run).wait(30) == 0
    assert Path(run.work, "count").read_text("utf-8") == "once\n"
    assert not Path(run.events, "job-1.ended").exists()


def test_last_word_has_its_room(scripts: Any, tmp_path: Path) -> None:
    """The file of the last word is there from the start: a full disk is no excuse."""
    draft = ".jobs/job-1/.exit.json"
    run = make_run(tmp_path, f"cat ../../{draft}; stat -c %i ../../{draft}")

    assert scripts.run(run) == Exit("exited", 0)
    last = Path(run.control, "exit.json")
    assert scripts.out(run).split() == [str(last.stat().st_ino)]
    assert len(last.read_bytes()) == 101
    assert json.loads(last.read_text("utf-8")) == {"reason": "exited", "code": 0}


@pytest.mark.needs("bubblewrap")
def test_sandbox_is_asked(scripts: Any, tmp_path: Path) -> None:
    """A program in a sandbox is asked to end, too, and has its time for that."""
    program = "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.02; done"
    run = make_run(tmp_path, program)
    order = Order(run.work, run.argv, run.slug, "anna", 60, 1 << 30)
    argv = tuple(to_command(order, Path(run.control)))
    run = Run(run.job_id, run.work, run.control, run.events, argv, run.slug)
    job = scripts.start(run)
    scripts.wait_for_output(run)
    scripts.ask(run, job)

    job.wait(20)
    assert read_exit(Path(run.control)) == Exit("ended", 4)
    assert scripts.out(run) == "ready\nbye\n"
