"""What becomes of real jobs, read through `jobs`: diagnostics, comparisons, logs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.planning.folders import read_app_folder
from agave_deploy.systems.documents import add_systems, to_setting
from agave_deploy.systems.local import REGISTRY
from agave_deploy.systems.reading import read_system
from agave_local.testing import LocalAgave, served_agave
from iptweb.agave import AgaveClient
from iptweb.errors import Conflict
from iptweb.jobs import JobFilter, JobService, Registry, Submitter, read_job_request
from iptweb.secret import Secret

pytestmark = [pytest.mark.needs("bubblewrap", "gcc"), pytest.mark.timeout(120)]

CHECKOUT = Path(__file__).parents[3]
LOCAL = read_system(CHECKOUT / REGISTRY / "local.yaml", {})
SYSTEMS = Registry([to_setting(LOCAL)])
FILES = {
    "my bad.c": '#include "own.h"\nint main(void) {\n  int unused;\n  return no;\n}\n',
    "own.h": "static inline int f(int x) { return missing; }\n",
    "serial.c": '#include <stdio.h>\nint main(void) { printf("sum 0.1\\nn 7\\n"); }\n',
    "parallel.c": """#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(void) {
  const char *threads = getenv("OMP_NUM_THREADS");
  int two = threads && atoi(threads) == 2;
  if (two) usleep(500000);
  printf("sum 0.10000000001\\nn %d\\n", two ? 6 : 7);
}
""",
    # With a rest now and then, or a slow test finds it at its limit.
    "endless.c": """#include <stdio.h>
#include <unistd.h>
int main(void) {
  for (long n = 1;; n++) {
    puts("and so on");
    if (n % 1000 == 0) usleep(1000);
  }
}
""",
}
RUN = {"system": "local", "run_time": "00:02:00", "memory": "1GB"}


@dataclass
class Person:
    """Somebody with jobs on a tenant."""

    jobs: JobService
    submitter: Submitter

    def submit(self, **body: Any) -> str:
        """Submit a job and return its id."""
        request = {**RUN, **body}
        return str(self.submitter.submit(read_job_request(request, SYSTEMS))["id"])

    def wait_for(
        self, job_id: str, is_there: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Return a job as soon as something is true of it."""
        deadline = time.monotonic() + 60
        while True:
            job: dict[str, Any] = {**self.jobs.show(job_id)}
            if is_there(job):
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.05)


def has_ended(job: dict[str, Any]) -> bool:
    """Return whether a job is at its end."""
    return str(job["status"]) in {"FINISHED", "FAILED", "STOPPED"}


def is_running(job: dict[str, Any]) -> bool:
    """Return whether a job runs."""
    return str(job["status"]) == "RUNNING"


@pytest.fixture(name="ada", scope="module")
def _ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Yield ada, with sources in her home, on a tenant that we deployed to."""
    with served_agave(tmp_path_factory.mktemp("reports") / "data") as agave:
        agave.add_user("ada")
        deploy(agave)
        client = AgaveClient(agave.base_url, Secret(agave.client("ada").token), "user")
        ours = AgaveClient(agave.base_url, Secret(agave.client("ipt").token), "service")
        submitter = Submitter(
            client,
            ours,
            owner="ipt",
            instance="test",
            storage_system="ipt.storage",
            user="ada",
            api_server=agave.base_url,
            clock=time.time,
            sleep=time.sleep,
        )
        yield Person(JobService(client, SYSTEMS, "ada", "ipt.storage"), submitter)
        client.close()
        ours.close()


def deploy(agave: LocalAgave) -> None:
    """Register systems and apps, and put ada's files into her home."""
    service = agave.client("ipt")
    manifest = add_systems(read_manifest(CHECKOUT), [LOCAL])
    for system in manifest.systems:
        assert service.post("/systems/v2/", json=dict(system.document)).ok
        if system.id != "ipt.apps":
            address = f"/systems/v2/{system.id}"
            assert service.put(address, json={"action": "PUBLISH"}).ok
            service.post(f"{address}/roles/ada", json={"role": "USER"})
    media = "/files/v2/media/system/ipt.apps/"
    for app in manifest.apps:
        for name, content in read_app_folder(app).files.items():
            folder, _, base = f"{app.path}/{name}".rpartition("/")
            service.put(media, json={"action": "mkdir", "path": folder})
            file = {"fileToUpload": (base, content)}
            assert service.post(media + folder, files=file).ok
        assert service.post("/apps/v2/", json=dict(app.document)).ok
        pem = {"username": "ada", "permission": "EXECUTE"}
        assert service.post(f"/apps/v2/{app.id}/pems", json=pem).ok
    home = "/files/v2/media/system/ipt.storage/"
    service.put(home, json={"action": "mkdir", "path": "ada/src"})
    for name, text in FILES.items():
        file = {"fileToUpload": (name, text.encode())}
        assert service.post(f"{home}ada/src", files=file).ok


def test_job_tells_where_its_message_goes(ada: Person) -> None:
    """The address of a webhook is told by the platform, and kept by a resubmission."""
    url = "https://127.0.0.1:9/${JOB_ID}"
    job_id = ada.submit(
        kind="build-run",
        request_id="request-told",
        source="src/serial.c",
        compile="gcc",
        output="told",
        notify=url,
    )

    job = ada.wait_for(job_id, lambda job: bool(job["webhook"]["sent"]))

    assert (job["webhook"]["url"], job["request"]["notify"]) == (url, url)
    assert (job["webhook"]["delivered"], job["webhook"]["response"]) == (False, None)
    whole = ada.jobs.find_whole(job_id)
    again = ada.submitter.resubmit(whole, "request-retold", SYSTEMS)
    assert (ada.jobs.show(again["id"])["request"] or {})["notify"] == url
    ada.wait_for(again["id"], has_ended)


def test_compile_error_leads_to_the_line(ada: Person) -> None:
    """What the compiler says of a job leads to the files in the home."""
    job_id = ada.submit(
        kind="build-run",
        request_id="request-bad",
        source="src/my bad.c",
        files=["src/own.h"],
        compile="gcc -Wall",
        output="bad",
    )

    job = ada.wait_for(job_id, has_ended)

    assert (job["status"], job["stage"], job["exit_code"]) == ("FAILED", "compile", 1)
    assert (job["diagnostics_available"], job["system_label"]) == (True, LOCAL.label)
    found = ada.jobs.diagnose(job_id)["diagnostics"]
    places = {(d["severity"], d["path"], d["line"]) for d in found}
    assert {
        ("error", "src/own.h", 1),
        ("error", "src/my bad.c", 4),
        ("warning", "src/my bad.c", 3),
    } <= places


def test_comparison_while_it_runs_and_after(ada: Person) -> None:
    """A comparison shows the runs that have ended, and at the end all of them."""
    job_id = ada.submit(
        kind="compare",
        request_id="request-compare",
        serial="src/serial.c",
        parallel="src/parallel.c",
        serial_compile="gcc",
        parallel_compile="gcc -fopenmp",
        counts=[1, 2],
        repeats=1,
    )
    deadline = time.monotonic() + 60
    first = ada.jobs.compare(job_id, 1e-6)
    while len(first["runs"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
        first = ada.jobs.compare(job_id, 1e-6)
    assert first["done"] is False
    assert [run["label"] for run in first["runs"]] == ["serial", "1"]
    assert first["runs"][1]["same"] is True

    ada.wait_for(job_id, has_ended)

    report: Any = ada.jobs.compare(job_id, 1e-6)
    assert (report["done"], report["mode"], report["message"]) == (True, "threads", "")
    last = report["runs"][2]
    assert (last["count"], last["exit_code"], last["same"]) == (2, 0, False)
    assert last["seconds"] >= 0.5
    assert last["speed_up"] < 1
    difference = last["difference"]
    assert (difference["line"], difference["serial"], difference["parallel"]) == (
        *(2, "7", "6"),
    )


def test_endless_output_is_followed_and_stopped(ada: Person) -> None:
    """The end of a log that does not end is read at once, and the job is stopped."""
    built = ada.submit(
        kind="build-run",
        request_id="request-endless",
        source="src/endless.c",
        compile="gcc",
        output="endless",
    )
    ada.wait_for(built, is_running)
    piece: Any = {"offset": 0}
    deadline = time.monotonic() + 60
    while piece["offset"] < 900_000 and time.monotonic() < deadline:
        piece = ada.jobs.read_text(built, "out", from_end=1000)
        time.sleep(0.02)

    assert piece["offset"] >= 900_000
    assert "and so on\n" in piece["text"]
    more = ada.jobs.read_text(built, "out", offset=piece["next_offset"])
    assert more["offset"] == piece["next_offset"]
    assert ada.jobs.show(built)["stage"] == "run"
    with pytest.raises(Conflict):
        ada.jobs.delete(built)
    ada.jobs.cancel(built)
    assert ada.wait_for(built, has_ended)["status"] == "STOPPED"
    assert ada.jobs.cancel(built)["status"] == "STOPPED"
    ada.jobs.delete(built)
    found = ada.jobs.list_jobs(JobFilter.read(search="endless"), limit=5, offset=0)
    assert found["jobs"] == []
