"""The local stack with terminals in containers, from `up` to `down`."""

import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from agave_deploy.local_stack.local import LocalStack
from agave_deploy.local_stack.local_profile import TerminalChoice
from webterm import TerminalClient

ROOT = Path(__file__).parents[3]
PASSWORD = re.compile(r"^  (?:user|administrator) +(\w+) +(\S+)$", re.MULTILINE)
USER = "ada"
SOURCE = """#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) { puts("hello"); if (argc > 1) sleep(60); return 0; }
"""

pytestmark = [
    pytest.mark.needs("podman", "debootstrap"),
    pytest.mark.skipif(
        not (ROOT / "static_site/vendor").is_dir(),
        reason="static_site/vendor is missing: run ./build.sh test, which makes it",
    ),
]


@dataclass
class Person:
    """Somebody who sends messages to the functions of a stack that runs.

    Attributes:
        url: of the tenant.
        token: for everything.
    """

    url: str
    token: str = field(default="")

    def sign_in(self, name: str, password: str) -> None:
        """Get a token as a script does."""
        made = requests.post(
            f"{self.url}/clients/v2",
            {"clientName": "test"},
            auth=(name, password),
            timeout=30,
        ).json()["result"]
        self.token = requests.post(
            f"{self.url}/token",
            {"grant_type": "password", "username": name, "password": password},
            auth=(made["consumerKey"], made["consumerSecret"]),
            timeout=30,
        ).json()["access_token"]

    def send(self, function: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return the body of the answer."""
        answer = requests.post(
            f"{self.url}/actors/v2/dev-{function}/messages",
            json=message,
            params={"_abaco_synchronous": "true"},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        ).json()
        assert answer["status"] in {200, 201}, answer
        body: dict[str, Any] = answer["body"]
        return body

    def upload(self, name: str, content: str) -> None:
        """Put a file in the home."""
        self._call(
            "post",
            f"/files/v2/media/system/ipt.storage/{USER}",
            files={"fileToUpload": (name, content)},
        )

    def submit(self, kind: str, fields: dict[str, Any]) -> str:
        """Submit a job; return its id."""
        request = {"kind": kind, "system": "local", **fields}
        sent = {
            "method": "POST",
            "path": "/jobs",
            "authorization": f"Bearer {self.token}",
            "body": {"request_id": secrets.token_hex(6), **request},
        }
        return str(self.send("job-submit", sent)["id"])

    def wait_for(self, job_id: str, wanted: str = "FINISHED") -> dict[str, Any]:
        """Return a job once it is over, or as somebody wants it."""
        while True:
            job: dict[str, Any] = self._call("get", f"/jobs/v2/{job_id}")
            if job["status"] in {wanted, "FINISHED", "FAILED"}:
                return job
            time.sleep(0.1)

    def outputs(self, job_id: str) -> list[str]:
        """Return what a job wrote to its two outputs."""
        listed = self._call("get", f"/jobs/v2/{job_id}/outputs/listings")
        return [
            requests.get(
                item["_links"]["self"]["href"], headers=self._headers, timeout=30
            ).text
            for item in listed
            if item["name"].endswith((".out", ".err"))
        ]

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _call(self, method: str, path: str, **more: Any) -> Any:
        answer = requests.request(
            method, f"{self.url}{path}", headers=self._headers, timeout=30, **more
        )
        assert answer.ok, answer.text
        return answer.json()["result"]


@pytest.fixture(name="said")
def _said() -> list[str]:
    return []


@pytest.fixture(name="person")
def _person(
    tmp_path: Path, container_engine: str, terminal_image: str, said: list[str]
) -> Iterator[Person]:
    del terminal_image
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    local = LocalStack(ROOT, tmp_path / "data", said.append)
    try:
        local.up(port, lambda: 0.0, TerminalChoice("docker", container_engine))
        person = Person(f"http://127.0.0.1:{port}")
        person.sign_in("ada", dict(PASSWORD.findall("\n".join(said)))["ada"])
        yield person
    finally:
        local.down()


def test_terminal_in_container(
    person: Person, container_engine: str, said: list[str], tmp_path: Path
) -> None:
    """A start gives a container with the user's home; `down` ends it."""
    record = person.send("terminal", {"command": "START"})
    assert record["status"] == "READY", record
    assert record["host"] == "docker 127.0.0.1"
    ticket = person.send("webterm", {"method": "GET", "path": "/webterm"})["ticket"]

    with TerminalClient.connect(record["url"], ticket) as terminal:
        _, output = terminal.run("ls heat.c; pwd; echo $USER; echo kept >kept")

    assert output.split() == ["heat.c", "/home/ipt", "ada"]
    home = tmp_path / "data/storage/ipt.storage/ada"
    assert (home / "kept").read_text() == "kept\n"
    assert LocalStack(ROOT, tmp_path / "data", said.append).down()
    assert "stopped the terminal ada-dev-IPT" in said
    with closing(docker.DockerClient(container_engine)) as client:
        assert client.containers.list(all=True) == []


def test_jobs_in_containers(
    person: Person, container_engine: str, said: list[str], tmp_path: Path
) -> None:
    """Jobs have the same wall: every kind works there, and `down` ends them."""
    person.upload("hello.c", SOURCE)
    run = {"queue": "default", "run_time": "00:02:00", "nodes": 1}
    source = {"source": "hello.c", "output": "hello"}
    programs: dict[str, dict[str, Any]] = {
        "compile": {**source, "command": "gcc -O1"},
        "build-run": {**source, **run, "compile": "mpicc", "ranks": 1, "threads": 1},
        "compare": {
            **run,
            "serial": "hello.c",
            "parallel": "hello.c",
            "serial_compile": "gcc",
            "parallel_compile": "gcc -fopenmp",
            "counts": [1, 2],
        },
    }
    for kind, fields in programs.items():
        job = person.wait_for(person.submit(kind, fields))
        assert job["status"] == "FINISHED", (job, person.outputs(job["id"]))
        control = tmp_path / "data" / "jobs" / job["id"] / "control"
        assert (control / "container.json").exists()

    last = person.submit("build-run", {**programs["build-run"], "args": "wait"})
    with closing(docker.DockerClient(container_engine)) as client:
        person.wait_for(last, "RUNNING")
        assert LocalStack(ROOT, tmp_path / "data", said.append).down()
        assert client.containers.list(all=True) == []
