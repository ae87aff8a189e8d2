"""The local stack with terminals in containers, from `up` to `down`."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from agave_deploy.local import LocalStack
from agave_deploy.local_profile import TerminalChoice
from webterm import TerminalClient

ROOT = Path(__file__).parents[3]
PASSWORD = re.compile(r"^  (?:user|administrator) +(\w+) +(\S+)$", re.MULTILINE)

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
        assert answer["status"] == 200, answer
        body: dict[str, Any] = answer["body"]
        return body


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
