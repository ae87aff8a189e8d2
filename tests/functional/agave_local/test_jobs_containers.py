"""Jobs of the tenant's own machine behind their two walls: sandboxes and containers."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agave_local.services.jobs.containers.engine import JobEngine, Seen
from agave_local.services.jobs.containers.note import read_note
from agave_local.services.jobs.scenes import Scene, scenes, until_true
from agave_local.services.jobs.states import Status
from sandbox import find_missing_limits, make_filter

pytestmark = pytest.mark.needs("bubblewrap", "podman", "debootstrap")
JOB_MIB = 24
OUT_OF_MEMORY = "The job used more memory than it may and was ended."
BUSY = "timeout 1.2 bash -c 'while :; do :; done'"
HOLD = "head -c {0} /dev/zero | tail -c {0} | {{ sleep 0.7; wc -c; }}"
HELLO = """#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  printf("rank %d of %d\\n", rank, size);
  MPI_Finalize();
}
"""
Containers = Callable[[], list[Seen]]


@pytest.fixture(scope="module", name="walls")
def _walls(
    tmp_path_factory: pytest.TempPathFactory, container_engine: str, terminal_image: str
) -> Iterator[dict[str, Scene]]:
    """Yield a scene behind each wall."""
    folder = tmp_path_factory.mktemp("walls")
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}, "scheduler": "FORK"}
    system = {**here, "workDir": str(folder / "work")}
    choices = {"job_engine": container_engine, "job_image": terminal_image}
    with ExitStack() as held:
        yield {
            wall: held.enter_context(
                scenes(
                    folder / wall,
                    {"fork": system},
                    jobs=wall,
                    job_mib=JOB_MIB,
                    **choices,
                )
            )["fork"]
            for wall in ("sandbox", "container")
        }


@pytest.fixture(name="scene", params=["sandbox", "container"])
def _scene(request: pytest.FixtureRequest, walls: dict[str, Scene]) -> Scene:
    return walls[request.param]


@pytest.fixture(name="container")
def _container(walls: dict[str, Scene]) -> Scene:
    return walls["container"]


@pytest.fixture(name="engine")
def _engine(container_engine: str) -> JobEngine:
    return JobEngine(container_engine)


@pytest.fixture(name="containers")
def _containers(engine: JobEngine) -> Containers:
    """Return what lists the containers of jobs."""
    return lambda: engine.labelled("agave-local.job")


def output(scene: Scene, job_id: str, kind: str = "out") -> str:
    """Return what a job wrote."""
    return scene.read(job_id, f"job.{kind}").decode()


def wait_until_begun(scene: Scene, job_id: str) -> None:
    """Wait until a job has written that it began."""
    address = f"/jobs/v2/{job_id}/outputs/media/job.out"
    until_true(lambda: "begun" in scene.owner.get(address).text)


def test_walls(scene: Scene) -> None:
    """A job sees nothing of the tenant, of others, and of the network; it is not root.

    It changes nothing but its own folder, and has no rights to get any.
    """
    data = scene.agave.tenant.settings.data
    job_id = scene.submit(
        f"cat {data}/tenant.sqlite; ls {data}; touch /usr/x /etc/x /x\n"
        "id -u; id -un; pwd; ls /sys/class/net; ls /home /root\n"
        "grep -E 'CapEff|NoNewPrivs' /proc/self/status; env\n"
        "touch /tmp/mine mine; ls -d /proc/[0-9]* | wc -l; ls ../..; exit 0"
    )

    assert scene.wait(job_id)["status"] == "FINISHED"

    out, err = output(scene, job_id), output(scene, job_id, "err")
    assert out.split()[:3] == ["1000", "anna", "/job"]
    assert err.count("No such file or directory") >= 2
    assert err.count("Read-only file system") == 3
    assert "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n" in out
    assert "IPT_" not in out
    assert "eth" not in out
    assert str(data) not in out
    assert int(re.findall(r"^\d+$", out, re.MULTILINE)[-1]) < 12


@pytest.mark.skipif(not make_filter(), reason="no filter for this processor")
def test_calls_that_are_refused(scene: Scene) -> None:
    """The filter of system calls is there: no name spaces, no programs of somebody."""
    job_id = scene.submit(
        "unshare -U true || echo none; touch f; chmod 4755 f; stat -c %a f\n"
        "yes | head -1; exit 0"
    )

    assert scene.wait(job_id)["status"] == "FINISHED"
    assert output(scene, job_id).split() == ["none", "644", "y"]


def test_outputs(scene: Scene) -> None:
    """What a job wrote is archived, wherever it lies, and nothing stays behind."""
    address = scene.upload("in put.txt", "from home\n")
    job_id = scene.submit(
        "cat in*; mkdir -m 700 deep; echo made >deep/file; chmod 600 deep/file\n"
        "echo problem >&2; rm in*; exit 4",
        inputs={"files": [address]},
    )

    job = scene.wait(job_id)

    assert (job["status"], job["exitCode"]) == ("FAILED", 4)
    assert output(scene, job_id) == "from home\n"
    assert output(scene, job_id, "err") == "problem\n"
    assert scene.read(job_id, "deep/file") == b"made\n"
    work = scene.agave.tenant.settings.data / "jobs" / job_id / "work"
    assert not work.exists()


def test_mpi(scene: Scene) -> None:
    """A program is compiled by mpicc and runs on two ranks, without a network."""
    address = scene.upload("hello.c", HELLO)
    job_id = scene.submit(
        "mpicc hello.c -o hello && mpirun --oversubscribe -np 2 ./hello",
        inputs={"files": [address]},
    )

    assert scene.wait(job_id)["status"] == "FINISHED", output(scene, job_id, "err")
    assert sorted(output(scene, job_id).splitlines()) == [
        "rank 0 of 2",
        "rank 1 of 2",
    ]


def test_time(scene: Scene) -> None:
    """A job ends in its time, and says so."""
    job_id = scene.submit("sleep 60", maxRunTime="00:00:01")

    job = scene.wait(job_id)

    assert job["message"] == "The job ran past its time of 00:00:01."


def test_all_files(scene: Scene) -> None:
    """A job that writes more than it may is ended, however many files it takes."""
    job_id = scene.submit(
        "for n in $(seq 99); do dd if=/dev/zero of=f$n bs=1M count=4; sleep 0.2; done"
    )

    job = scene.wait(job_id)

    assert job["message"] == "The job wrote more than it may and was ended."


def test_one_file(scene: Scene) -> None:
    """No file can be larger than all of them may be."""
    job_id = scene.submit(f"dd if=/dev/zero of=f bs=1M count={2 * JOB_MIB}; exit $?")

    job = scene.wait(job_id)

    assert job["status"] == "FAILED"
    assert "File size limit" in output(scene, job_id, "err")


def test_processes(scene: Scene) -> None:
    """A job that starts more processes than it may is ended."""
    job_id = scene.submit("for n in $(seq 700); do sleep 30 & done; wait")

    job = scene.wait(job_id)

    assert job["message"] == "The job started more processes than it may and was ended."


@pytest.mark.skipif(
    bool(find_missing_limits()), reason="no control groups can be made here"
)
def test_memory(scene: Scene) -> None:
    """Processes that are each within the limit are too much together."""
    part = HOLD.format(60 << 20)
    job_id = scene.submit(
        f"set -o pipefail; for n in 1 2 3; do ({part}) & done\n"
        "failed=0; for n in 1 2 3; do wait -n || failed=1; done; exit $failed",
        memoryPerNode="0.125GB",
    )

    assert scene.wait(job_id)["message"] == OUT_OF_MEMORY


@pytest.mark.skipif(
    bool(find_missing_limits()), reason="no control groups can be made here"
)
def test_processors(scene: Scene) -> None:
    """Two busy processes of a job of one processor get about one together."""
    job_id = scene.submit(
        f"date +%s.%N; {BUSY} & {BUSY} & wait; date +%s.%N; times; exit 0"
    )

    assert scene.wait(job_id)["status"] == "FINISHED"

    lines = output(scene, job_id).splitlines()
    wall = float(lines[1]) - float(lines[0])
    spent = sum(
        int(minutes) * 60 + float(seconds)
        for minutes, seconds in re.findall(r"(\d+)m([\d.]+)s", " ".join(lines[2:]))
    )
    assert 0 < spent < 1.3 * wall


def test_stop(scene: Scene) -> None:
    """A job that is stopped may clean up; what it wrote is kept."""
    job_id = scene.submit(
        "trap 'echo bye; exit 3' TERM; echo begun; setsid sleep 60 &\n"
        "while :; do sleep 0.05; done"
    )
    wait_until_begun(scene, job_id)

    assert scene.stop(job_id).ok

    assert scene.wait(job_id)["status"] == "STOPPED"
    assert output(scene, job_id) == "begun\nbye\n"


def test_stop_the_deaf(scene: Scene) -> None:
    """A job that does not listen is forced to end."""
    job_id = scene.submit("trap '' TERM; echo begun; while :; do sleep 0.05; done")
    wait_until_begun(scene, job_id)
    began = time.monotonic()
    scene.stop(job_id)

    assert scene.wait(job_id)["status"] == "STOPPED"
    assert time.monotonic() - began < 9


def test_delete_while_it_runs(scene: Scene) -> None:
    """A deleted job ends, and its folder goes."""
    job_id = scene.submit("sleep 60")
    scene.wait(job_id, Status.RUNNING)

    assert scene.owner.delete(f"/jobs/v2/{job_id}").ok

    until_true(
        lambda: not (scene.agave.tenant.settings.data / "jobs" / job_id).exists()
    )


def test_nothing_is_left(container: Scene, containers: Containers) -> None:
    """However a job ends, neither its container nor a mount of it is left."""
    scripts = ["exit 0", "exit 5", "kill -SEGV $$", "sleep 60"]
    job_ids = [container.submit(script) for script in scripts]
    until_true(lambda: container.get(job_ids[-1])["status"] == "RUNNING")
    until_true(lambda: containers() != [])
    container.stop(job_ids[-1])

    ended = [container.wait(job_id) for job_id in job_ids]

    assert [job["status"] for job in ended] == [
        "FINISHED",
        "FAILED",
        "FAILED",
        "STOPPED",
    ]
    assert "SIGSEGV" in ended[2]["message"]
    until_true(lambda: containers() == [])
    data = str(container.agave.tenant.settings.data)
    assert data not in Path("/proc/self/mounts").read_text(encoding="utf-8")


def test_container_is_removed(
    container: Scene, engine: JobEngine, containers: Containers
) -> None:
    """A job whose container somebody removes fails, and says why."""
    job_id = container.submit("sleep 60")
    container.wait(job_id, Status.RUNNING)
    control = container.agave.tenant.settings.data / "jobs" / job_id / "control"
    until_true(lambda: read_note(control) and containers())
    for each in containers():
        engine.remove(each.id)

    job = container.wait(job_id)

    assert job["status"] == "FAILED"
    # The engine may have been asked in the moment between its end and its removal.
    words = ("The job's supervisor is gone", "ended by the signal SIGKILL")
    assert any(word in job["message"] for word in words)


def test_no_such_image(tmp_path: Path, container_engine: str) -> None:
    """Without its image a job is refused in words; so it is without an engine."""
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}, "scheduler": "FORK"}
    system = {**here, "workDir": str(tmp_path / "work")}
    cases = [
        ({"job_engine": container_engine, "job_image": "no/such:image"}, "no image"),
        ({"job_engine": f"unix://{tmp_path}/none", "job_image": "a"}, "not answer"),
        ({}, "no container engine and image are named"),
    ]
    for number, (choices, words) in enumerate(cases):
        data = tmp_path / str(number)
        with scenes(data, {"fork": system}, jobs="container", **choices) as found:
            job = found["fork"].wait(found["fork"].submit("exit 0"))
        assert job["status"] == "FAILED"
        assert words in job["message"]


def test_fall_back(tmp_path: Path, container_engine: str) -> None:
    """Where containers can't be had, and need not, a job runs in a sandbox."""
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}, "scheduler": "FORK"}
    system = {**here, "workDir": str(tmp_path / "work")}
    choices = {"job_engine": container_engine, "job_image": "no/such:image"}
    with scenes(tmp_path / "data", {"fork": system}, **choices) as found:
        job = found["fork"].wait(found["fork"].submit("pwd"))
        control = tmp_path / "data" / "jobs" / job["id"] / "control"
        assert (control / "supervisor.json").exists()
    assert job["status"] == "FINISHED"


def test_containers_come_first(
    tmp_path: Path, container_engine: str, terminal_image: str
) -> None:
    """Where containers can be had, a job runs in one, in sandboxes' place."""
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}, "scheduler": "FORK"}
    system = {**here, "workDir": str(tmp_path / "work")}
    choices = {"job_engine": container_engine, "job_image": terminal_image}
    with scenes(tmp_path / "data", {"fork": system}, **choices) as found:
        job = found["fork"].wait(found["fork"].submit("pwd"))
        control = tmp_path / "data" / "jobs" / job["id"] / "control"
        assert read_note(control) is not None
    assert job["status"] == "FINISHED"
