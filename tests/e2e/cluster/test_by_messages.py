"""The same by plain messages: with requests, with curl, and with agavepy."""

import json
import os
import secrets
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
from agavepy.agave import Agave, load_resource

pytestmark = [
    pytest.mark.needs("bubblewrap", "gcc", "openmpi", "slurm", "sshd"),
    pytest.mark.timeout(240),
    # agavepy 0.9.5 leaves the files that it reads its resources from open.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RIGHT = "pi is 3.141592654, found by 2 ranks\n"
LAUNCHER = "mpirun --oversubscribe -np {ranks}"
PI: dict[str, Any] = {
    "kind": "build-run",
    "system": "cluster",
    "source": "pi_mpi.c",
    "compile": "mpicc -O2",
    "output": "pi",
    "launcher": LAUNCHER,
    "ranks": 2,
}


@pytest.fixture(name="grace")
def _grace(cluster: Any) -> Any:
    """Return Grace's script, whose home has the programs."""
    user = cluster.stack.user("grace")
    for program in cluster.programs.iterdir():
        user.upload(program.name, program.read_bytes())
    return user


def submit(user: Any, **request: Any) -> dict[str, Any]:
    """Send a job, and wait for its end."""
    body = {"request_id": secrets.token_hex(6), **request}
    job = user.ask("job-submit", "POST", "/jobs", body)
    detail: dict[str, Any] = user.wait_for_job(job["id"])
    assert detail["status"] == "FINISHED", detail
    return detail


def printed(user: Any, job: str) -> str:
    """Return what a job has printed."""
    query = {"stream": "out"}
    text: str = user.ask("jobs", "GET", f"/jobs/{job}/text", query=query)["text"]
    return text


def test_the_operator_is_told_that_all_is_well(cluster: Any) -> None:
    """`system check --connect` finds the machine as its file says."""
    assert "  ok     queue usual is a partition\n" in cluster.checked
    assert "WRONG" not in cluster.checked


def test_an_mpi_program_is_compiled_and_run(grace: Any, cluster: Any) -> None:
    """Two messages; Slurm has had the run, and nothing is left on the cluster."""
    compiled = submit(
        grace,
        kind="compile",
        system="cluster",
        command="mpicc -O2",
        source="pi_mpi.c",
        output="pi",
    )

    ran = submit(
        grace,
        kind="run",
        system="cluster",
        binary=f"{compiled['archive_path']}/pi",
        launcher=LAUNCHER,
        ranks=2,
    )

    assert printed(grace, ran["id"]) == RIGHT
    known = cluster.slurm.run("scontrol", "--oneliner", "show", "jobs")
    (job,) = (line for line in known.splitlines() if ran["id"] in line)
    assert "JobState=COMPLETED" in job
    assert "Partition=normal" in job
    assert "NumCPUs=2" in job
    cluster.wait_for_nothing()


def test_a_file_that_is_not_there_is_named(grace: Any) -> None:
    """The refusal says which file, and which field asked for it."""
    body = {"request_id": secrets.token_hex(6), **PI, "files": ["no/grid.h"]}

    frame = grace.send("job-submit", "POST", "/jobs", body)

    assert frame["status"] == 400, frame
    error = frame["body"]["error"]
    assert error["message"] == "There is no file no/grid.h in your home."
    assert error["details"]["field"] == "files"


def test_curl_does_what_the_preview_says(grace: Any) -> None:
    """The command that the page offers sends the very job."""
    body = {"request_id": secrets.token_hex(6), **PI}
    preview = grace.ask("job-submit", "POST", "/jobs/preview", body)

    done = subprocess.run(
        ["bash", "-c", preview["curl"]],
        env=os.environ | {"TOKEN": grace.token},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    job = json.loads(done.stdout)["result"]["id"]
    assert grace.wait_for_job(job)["status"] == "FINISHED"
    assert printed(grace, job).endswith(RIGHT)


def connect(user: Any) -> Agave:
    """Return agavepy's client; it forgets the port, so it is told the address."""
    text = json.dumps(load_resource(user.url))
    text = text.replace("https://" + urlsplit(user.url).netloc, user.url)
    agave = Agave(api_server=user.url, resources=json.loads(text), token=user.token)
    agave.host = urlsplit(user.url).hostname
    agave.refresh_aris()
    return agave


def test_agavepy_does_what_the_preview_says(grace: Any) -> None:
    """The job document is one for any client of Agave; a job of the page or not."""
    body = {"request_id": secrets.token_hex(6), **PI}
    document = grace.ask("job-submit", "POST", "/jobs/preview", body)["document"]
    agave = connect(grace)

    job = agave.jobs.submit(body=document)["id"]

    detail = grace.wait_for_job(job)
    assert agave.jobs.get(jobId=job)["status"] == "FINISHED"
    path = f"{detail['archive_path']}/{detail['name']}.out"
    content = agave.files.download(systemId="ipt.storage", filePath=f"grace/{path}")
    assert content.text.endswith(RIGHT)


def test_openmp_on_the_slurm_of_this_machine(grace: Any, cluster: Any) -> None:
    """`up --slurm on` has made it a system; its jobs are in the sandbox."""
    systems = grace.ask("job-submit", "GET", "/systems")["systems"]
    assert {"local", "local-slurm", "cluster"} <= {each["name"] for each in systems}

    ran = submit(
        grace,
        kind="build-run",
        system="local-slurm",
        source="threads.c",
        compile="gcc -O2 -fopenmp",
        output="threads",
        threads=2,
    )

    text = printed(grace, ran["id"])
    assert text.endswith("sum 500500, by up to 2 threads\n")
    assert ran["id"] in cluster.slurm.run("scontrol", "--oneliner", "show", "jobs")
