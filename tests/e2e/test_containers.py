"""The product with terminals in containers: start, work, survive, stop."""

import concurrent.futures
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from webterm.client import TerminalClient

pytestmark = [
    pytest.mark.needs("bubblewrap", "gcc", "podman"),
    pytest.mark.timeout(400),
]

SERIAL = b"""
#include <stdio.h>
int main(void) {
  double s = 0;
  for (int i = 0; i < 1000; i++) s += i * 0.5;
  printf("%.1f\\n", s);
}
"""


@pytest.fixture(name="container_stack")
def _container_stack(
    own_stack_factory: Any, container_engine: str, terminal_image: str
) -> Iterator[Any]:
    """Start a product whose terminals are containers of the tests' engine."""
    del terminal_image
    yield from own_stack_factory("--terminals", "docker", "--engine", container_engine)


def open_terminal(user: Any) -> TerminalClient:
    """Attach to the user's terminal with a fresh ticket."""
    shown = user.ask("webterm", "GET", "/webterm")
    assert shown["status"] == "READY", shown
    return TerminalClient.connect(shown["url"], shown["ticket"])


def living(engine: str, user: str) -> list[str]:
    """Return the running containers that hold a user's terminal."""
    client = docker.APIClient(engine, version="auto")
    try:
        names = [name for each in client.containers() for name in each["Names"]]
        return [name for name in names if f"{user}-dev-IPT" in name]
    finally:
        client.close()


def test_the_main_job_in_a_container(
    container_stack: Any, container_engine: str
) -> None:
    """Started, used, killed under and stopped by messages alone; nothing is left."""
    user = container_stack.user()
    user.upload("mine.c", SERIAL)
    begun = user.ask("terminal", "POST", "/terminals", {"command": "START"})
    assert begun["status"] == "READY"
    assert "docker" in begun["host"]
    with open_terminal(user) as terminal:
        terminal.send("kept=alive; id -u; gcc mine.c -o mine && ./mine\n")
        printed = terminal.read_until("249750.0", timeout=60).decode()
        assert "\r\n0\r\n" not in printed
        terminal.send("echo mine-too >> mine.c; tail -n 1 mine.c; ls samples\n")
        terminal.read_until("mine-too\r\n")
        terminal.read_until("heat.c")

    container_stack.kill_tenant()
    container_stack.up()

    user = container_stack.user()
    shown = user.ask("webterm", "GET", "/webterm")
    assert shown["launch"] == begun["launch"]
    with open_terminal(user) as terminal:
        terminal.send("echo still-$kept\n")
        terminal.read_until("still-alive")
    assert len(living(container_engine, "ada")) == 1
    stopped = user.ask("terminal", "POST", "/terminals", {"command": "STOP"})
    assert stopped["status"] == "STOPPED"
    assert living(container_engine, "ada") == []
    home = container_stack.data / "storage" / "ipt.storage" / "ada"
    assert Path(home, "mine.c").read_text().endswith("mine-too\n")


def test_many_messages_at_once_start_one_container_for_each(
    container_stack: Any, container_engine: str
) -> None:
    """Nine starts for three people: three containers, and everybody's own."""
    users = [container_stack.user(name) for name in ("ada", "grace", "admin")]
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        asked = [
            (user, pool.submit(user.post, "terminal", {"command": "START"}))
            for _ in range(3)
            for user in users
        ]
        answers = [(user, job.result()) for user, job in asked]

    for user, frame in answers:
        assert frame["status"] == 200, json.dumps(frame)
        assert frame["body"]["user"] == user.name
    for user in users:
        shown = user.ask("webterm", "GET", "/webterm")
        assert shown["status"] == "READY"
        assert len(living(container_engine, user.name)) == 1
    container_stack.down()
    assert [living(container_engine, user.name) for user in users] == [[], [], []]
