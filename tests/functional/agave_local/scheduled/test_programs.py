"""Programs that go wrong on a real machine, and what their owner is told."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.scenes import CROWDED, WAYS, Scene
from agave_local.services.jobs.testing import SERVICE, STORAGE

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap", "gcc")
APPS = Path(__file__).parents[4] / "agave" / "apps"
CRASH = "int main(void) { volatile int *nowhere = 0; return *nowhere; }\n"
BROKEN = "int main(void) { return undeclared; }\n"
# A compiler's words that no shell can run, at the beginning of a program.
GARBAGE = b"\x7fELF\0garbage" * 20


@dataclass(frozen=True)
class Bad:
    """A job that goes wrong.

    Attributes:
        script: that it runs.
        code: exit code that its owner sees.
        message: what the job says.
        error: a part of what its program complained of.
    """

    script: str
    code: int | None
    message: str
    error: str = ""


BAD = {
    "a code of its own": Bad(
        "echo early; exit 7", 7, "The job's program ended with exit code 7."
    ),
    "no program": Bad(
        "./nothing",
        127,
        "The job's program ended with exit code 127 (in most cases: a program that is "
        "not there).",
        "./nothing: No such file",
    ),
    "no right to execute": Bad(
        "chmod -x crash; ./crash",
        126,
        "The job's program ended with exit code 126 (in most cases: a file that can't "
        "be executed).",
        "Permission denied",
    ),
    "no machine code": Bad(
        "chmod +x garbage; ./garbage",
        126,
        "The job's program ended with exit code 126 (in most cases: a file that can't "
        "be executed).",
        "annot execute binary file",
    ),
    "a crash": Bad(
        "chmod +x crash; ./crash",
        139,
        "The job's program was ended by the signal SIGSEGV (segmentation fault).",
    ),
    "a crash of its own shell": Bad(
        "kill -SEGV $$",
        139,
        "The job's program was ended by the signal SIGSEGV (segmentation fault).",
    ),
    "output without end": Bad(
        "echo begin >&2; exec yes",
        153,
        "The job wrote more than it may and was ended.",
        "begin",
    ),
    "files without end": Bad(
        "for n in 1 2 3; do head -c 2000000 /dev/zero >$n; done; sleep 60",
        None,
        "The job wrote more than it may and was ended.",
    ),
    "time without end": Bad(
        "trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done",
        3,
        "The job ran past its time of 00:00:02.",
    ),
}


@pytest.fixture(scope="module", name="program")
def _program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a program that uses memory which is not its own."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "crash.c").write_text(CRASH)
    subprocess.run(["gcc", "crash.c", "-o", "crash"], cwd=folder, check=True)
    return (folder / "crash").read_bytes()


@pytest.fixture(scope="module", name="jobs")
def _jobs(scenes: dict[str, Scene], program: bytes) -> dict[tuple[str, str], str]:
    """Submit all of them in each way, at once; return the ids."""
    found = {}
    for way in WAYS:
        scene = scenes[way]
        files = [scene.upload("crash", program), scene.upload("garbage", GARBAGE)]
        for name, bad in BAD.items():
            limit = "00:00:02" if name == "time without end" else "00:05:00"
            found[way, name] = scene.submit(
                bad.script,
                batchQueue=CROWDED,
                maxRunTime=limit,
                inputs={"files": files},
            )
    return found


@pytest.mark.parametrize("way", WAYS)
def test_run_a_program(scene: Scene) -> None:
    """It runs, its outputs come home, and nothing stays on the machine."""
    address = scene.upload("in.txt", "input\n")
    job_id = scene.submit(
        "cat in.txt; echo oh >&2; mkdir d; echo 42 >d/x", inputs={"files": [address]}
    )

    job = scene.wait(job_id)

    assert (job["status"], job["exitCode"]) == ("FINISHED", 0), job["message"]
    assert scene.read(job_id, "job.out") == b"input\n"
    assert scene.read(job_id, "job.err") == b"oh\n"
    assert scene.read(job_id, "d/x") == b"42\n"
    assert scene.outputs(job_id) == {"/", "/d", "/job.err", "/job.out"}
    assert scene.statuses(job_id)[-6:] == [
        *("QUEUED", "RUNNING", "CLEANING_UP"),
        *("ARCHIVING", "ARCHIVING_FINISHED", "FINISHED"),
    ]
    scene.wait_until_tidy(job_id)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", BAD)
def test_bad_program(
    scene: Scene, jobs: dict[tuple[str, str], str], way: str, name: str
) -> None:
    """The job fails with the reason in words, and its outputs come home."""
    job_id, bad = jobs[way, name], BAD[name]

    job = scene.wait(job_id)

    assert (job["status"], job["message"]) == ("FAILED", bad.message)
    assert bad.code in (None, job["exitCode"])
    assert bad.error in scene.read(job_id, "job.err").decode()
    scene.wait_until_tidy(job_id)


@pytest.mark.parametrize("way", WAYS)
def test_outputs_of_bad_programs(
    scene: Scene, jobs: dict[tuple[str, str], str], way: str
) -> None:
    """What a program wrote before it was ended can be read."""
    printed = {}
    for name in ("a code of its own", "output without end", "time without end"):
        scene.wait(jobs[way, name])
        printed[name] = scene.read(jobs[way, name], "job.out")

    assert printed["a code of its own"] == b"early\n"
    assert printed["output without end"].startswith(b"y\ny\n")
    assert printed["time without end"] == b"bye\n"


@pytest.mark.parametrize("way", WAYS)
def test_missing_input(scene: Scene) -> None:
    """An input that is not there is refused by its name before there is a job."""
    address = f"agave://{STORAGE}/anna/no such file.dat"

    answer = scene.ask("true", inputs={"files": [address]})

    assert answer.status_code == 404
    assert "no such file.dat" in answer.json()["message"]


@pytest.fixture(name="build")
def _build() -> Callable[[Scene], str]:
    """Return what registers the real app that compiles, for the system of a scene."""

    def register(scene: Scene) -> str:
        tenant = scene.agave.tenant
        name = f"build-{scene.system}"
        folder = tenant.settings.data / "storage" / STORAGE / "apps" / name
        folder.mkdir(parents=True)
        for file in (APPS / "ipt-build" / "wrapper.sh", APPS / "ipt-lib.sh"):
            (folder / file.name).write_bytes(file.read_bytes())
        app: dict[str, Any] = json.loads((APPS / "ipt-build" / "app.json").read_text())
        app |= {"name": name, "version": "1.0", "executionSystem": scene.system}
        app |= {"executionType": "HPC", "deploymentSystem": STORAGE}
        tenant.apps.add(SERVICE, {**app, "deploymentPath": f"apps/{name}"})
        tenant.store.update(
            "app", f"{name}-1.0", lambda found: {**found, "isPublic": True}
        )
        return f"{name}-1.0"

    return register


@pytest.mark.parametrize("way", WAYS)
def test_compile_error(scene: Scene, build: Callable[[Scene], str]) -> None:
    """The compiler's code is the job's, and its complaint names file and line."""
    job_id = scene.submit(
        appId=build(scene),
        inputs={"driver": [scene.upload("broken.c", BROKEN)]},
        parameters={"command": "gcc", "output": "broken"},
    )

    job = scene.wait(job_id)

    assert (job["status"], job["exitCode"]) == ("FAILED", 1), job["message"]
    assert job["message"] == "The job's program ended with exit code 1."
    said = scene.read(job_id, "job.err").decode()
    assert "broken.c:1:25: error" in said
    assert "undeclared" in said
    assert scene.read(job_id, "IPT_EXIT_CODE") == b"1\n"
    assert "/broken" not in scene.outputs(job_id)
