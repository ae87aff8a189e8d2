"""Jobs of every kind on a tenant that is served: what we send is what it takes."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
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
from iptweb.jobs import Registry, Submitter, read_job_request
from iptweb.jobs.lines import line_of_document
from iptweb.jobs.repeat import to_request
from iptweb.secret import Secret

pytestmark = [pytest.mark.needs("bubblewrap", "gcc"), pytest.mark.timeout(120)]

CHECKOUT = Path(__file__).parents[3]
LOCAL = read_system(CHECKOUT / REGISTRY / "local.yaml", {})
SYSTEMS = Registry([to_setting(LOCAL)])
ENDED = {"FINISHED", "FAILED", "STOPPED"}
SOURCE = b"""#include <stdio.h>
int main(int argc, char **argv) { printf("hello %s\\n", argv[argc - 1]); return 0; }
"""
ANY: dict[str, Any] = {
    "system": "local",
    "args": "'a b'",
    "files": [],
    "modules": [],
    "notify": "",
    "queue": "default",
    "nodes": 1,
    "run_time": "00:02:00",
    "memory": "1GB",
}
COMPILE: dict[str, Any] = {
    "kind": "compile",
    "system": "local",
    "args": "-Wall",
    "files": [],
    "modules": [],
    "notify": "",
    "command": "gcc -O1",
    "source": "my hello.c",
    "output": "test",
}
BUILD_RUN = ANY | {
    "kind": "build-run",
    "source": "my hello.c",
    "compile": "gcc -O1",
    "compile_args": "-lm",
    "output": "hello",
    "launcher": "",
    "ranks": 1,
    "threads": 1,
}
COMPARE = ANY | {
    "kind": "compare",
    "serial": "my hello.c",
    "parallel": "my hello.c",
    "serial_compile": "gcc -O1",
    "parallel_compile": "gcc -O1 -fopenmp",
    "launcher": "",
    "counts": [1],
    "repeats": 2,
}


@dataclass
class Person:
    """Somebody who submits jobs on a tenant."""

    agave: LocalAgave
    client: AgaveClient
    submitter: Submitter

    def submit(self, body: dict[str, Any], request_id: str = "request-1") -> Any:
        """Submit a job and return it as it ended."""
        job = read_job_request(body | {"request_id": request_id}, SYSTEMS, local=True)
        return self.wait_for(self.submitter.submit(job)["id"])

    def wait_for(self, job_id: str) -> Any:
        """Return a job once it has ended."""
        deadline = time.monotonic() + 60
        while True:
            job = self.client.get_job(job_id)
            if job["status"] in ENDED:
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.05)


@pytest.fixture(name="ada", scope="module")
def _ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Yield ada, with a source file in her home, on a tenant that we deployed to."""
    with served_agave(tmp_path_factory.mktemp("kinds") / "data") as agave:
        service = agave.client("ipt")
        agave.add_user("ada")
        manifest = add_systems(read_manifest(CHECKOUT), [LOCAL])
        for system in manifest.systems:
            assert service.post("/systems/v2/", json=dict(system.document)).ok
            if system.id != "ipt.apps":
                body = {"action": "PUBLISH"}
                assert service.put(f"/systems/v2/{system.id}", json=body).ok
                role = {"role": "USER"}
                service.post(f"/systems/v2/{system.id}/roles/ada", json=role)
        for app in manifest.apps:
            put_app(service, app)
            body = {"username": "ada", "permission": "EXECUTE"}
            assert service.post(f"/apps/v2/{app.id}/pems", json=body).ok
        media = "/files/v2/media/system/ipt.storage/"
        service.put(media, json={"action": "mkdir", "path": "ada"})
        file = {"fileToUpload": ("my hello.c", SOURCE)}
        assert service.post(f"{media}ada", files=file).ok
        client = AgaveClient(agave.base_url, Secret(agave.client("ada").token), "user")
        ours = AgaveClient(agave.base_url, Secret(service.token), "service")
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
        yield Person(agave, client, submitter)
        client.close()
        ours.close()


def put_app(service: Any, app: Any) -> None:
    """Upload an app's files and register it."""
    media = "/files/v2/media/system/ipt.apps/"
    for name, content in read_app_folder(app).files.items():
        folder, _, base = f"{app.path}/{name}".rpartition("/")
        service.put(media, json={"action": "mkdir", "path": folder})
        assert service.post(media + folder, files={"fileToUpload": (base, content)}).ok
    assert service.post("/apps/v2/", json=dict(app.document)).ok


def output_of(ada: Person, job: Any, name: str) -> str:
    """Return the text of one of a job's files."""
    return ada.client.read_output(job["id"], name, 0, 10_000).data.decode()


def fields_of(raw: Any) -> Any:
    """Return what the form of a job would be filled in with."""
    return to_request(raw, SYSTEMS, user="ada", storage_system="ipt.storage")


@pytest.mark.parametrize("body", [COMPILE, BUILD_RUN, COMPARE])
def test_every_kind_of_job_ends_well_and_again(
    ada: Person, body: dict[str, Any]
) -> None:
    """The tenant takes what we send, tells it back, and the same job runs once more."""
    kind = body["kind"]
    job = ada.submit(body, f"request-{kind}")

    assert (job["status"], job["exitCode"]) == ("FINISHED", 0), job
    wanted = {
        "nodeCount": 1,
        "processorsPerNode": 1,
        "batchQueue": "default",
    }
    if kind != "compile":
        wanted |= {"maxRunTime": "00:02:00", "memoryPerNode": 1.0}
    assert {name: job[name] for name in wanted} == wanted
    # The address of a webhook is not told back.
    assert fields_of(job) == body
    made = [ada.submitter.resubmit(job, f"request-{kind}-2", SYSTEMS) for _ in range(2)]
    assert made[0]["id"] == made[1]["id"] != job["id"]
    again = ada.wait_for(made[0]["id"])
    assert (again["status"], fields_of(again)) == ("FINISHED", body)


def test_a_job_is_found_by_its_name(ada: Person) -> None:
    """A request whose job's id was never noted finds the job, and makes no other."""
    body = COMPILE | {"request_id": "request-lost"}
    first = ada.submitter.submit(read_job_request(body, SYSTEMS))
    service = ada.agave.client("ipt")
    name = "ipt-test-request-ada-request-lost"
    query = {"q": json.dumps({"name": name})}
    (claim,) = service.get("/meta/v2/data", params=query).json()["result"]
    value = claim["value"] | {"job_id": "", "created": 0}
    changed = {"name": name, "value": value}
    assert service.post(f"/meta/v2/data/{claim['uuid']}", json=changed).ok

    again = ada.submitter.submit(read_job_request(body, SYSTEMS))

    assert again["id"] == first["id"]
    ada.wait_for(first["id"])


def test_programs_run_as_their_lines_say(ada: Person) -> None:
    """What is compiled and run in one job prints what it should."""
    built = ada.submit(BUILD_RUN, "request-lines")
    compared = ada.submit(COMPARE, "request-lines-2")

    printed = output_of(ada, built, f"{built['name']}.out")
    assert "hello a b\n" in printed
    assert line_of_document(built, "build-run").split("\n") == [
        "gcc -O1 './my hello.c' -o ./hello -lm",
        "OMP_NUM_THREADS=1 ./hello 'a b'",
    ]
    for name in ("serial.out", "1.out"):
        assert output_of(ada, compared, f"compare/{name}") == "hello a b\n"


def test_the_shown_command_submits_the_same(ada: Person) -> None:
    """The command of the preview, run by a shell with a token, makes that very job."""
    body = BUILD_RUN | {"request_id": "request-curl", "args": "\"it's\" 'é !'"}
    shown = ada.submitter.preview(read_job_request(body, SYSTEMS))

    done = subprocess.run(
        ["/bin/sh", "-c", shown["curl"]],
        env={"TOKEN": ada.agave.client("ada").token, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    answer = json.loads(done.stdout)
    assert answer["status"] == "success", answer
    job = ada.wait_for(answer["result"]["id"])
    assert job["status"] == "FINISHED"
    assert job["parameters"]["args"] == shown["document"]["parameters"]["args"]
    assert "hello é !\n" in output_of(ada, job, f"{job['name']}.out")


class Listener(HTTPServer):
    """Keeps the paths that were asked for, as somebody's webhook would."""

    heard: list[str]


class Keeper(BaseHTTPRequestHandler):
    """Answers every message with 204."""

    def do_POST(self) -> None:
        """Keep the path."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        assert isinstance(self.server, Listener)
        self.server.heard.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(name="listener")
def _listener() -> Iterator[Listener]:
    with Listener(("127.0.0.1", 0), Keeper) as server:
        server.heard = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_webhook_is_told_how_the_job_ended(ada: Person, listener: Listener) -> None:
    """One message comes, with the job's id and status where the address wants them."""
    address = f"http://127.0.0.1:{listener.server_address[1]}"
    url = f"{address}/done/${{JOB_ID}}?status=${{JOB_STATUS}}"

    job = ada.submit(BUILD_RUN | {"notify": url}, "request-webhook")

    deadline = time.monotonic() + 20
    while not listener.heard and time.monotonic() < deadline:
        time.sleep(0.02)
    assert listener.heard == [f"/done/{job['id']}?status=FINISHED"]
