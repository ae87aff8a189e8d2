"""The command `agave-local serve` as an operator runs it: file, limits, signals."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from agave_local.cli import main

PASSWORD = "correct horse battery"
# Sleeps as long as its message says.
_IMAGES = {"slow": {"command": ["/bin/sh", "-c", "sleep $MSG"]}}
_RSS = re.compile(r"^process_resident_memory_bytes (.+)$", re.MULTILINE)
_SMALL = 60e6


@dataclass
class Running:
    """A server that runs.

    Attributes:
        process: of it.
        url: its address.
        log: what it wrote so far, by line.
    """

    process: subprocess.Popen[str]
    url: str = ""
    log: list[str] = field(default_factory=list)

    def wait_for(self, word: str) -> str:
        """Return the next line that has a word."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if word in line:
                return line
        raise AssertionError("".join(self.log))

    def end(self) -> str:
        """Wait until it has ended; return its whole log."""
        rest = self.process.communicate(timeout=30)[1]
        return "".join(self.log) + rest


@contextmanager
def _serve(*options: object) -> Iterator[Running]:
    command = [
        sys.executable,
        "-c",
        "import sys; from agave_local.cli import main; sys.exit(main())",
        "serve",
        *map(str, options),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Running(process)
        finally:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _add_account(data: Path, *more: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        read, write = socket.socketpair()
        with read, write, read.makefile("r") as typed:
            write.sendall(f"{PASSWORD}\n".encode())
            patch.setattr(sys, "stdin", typed)
            arguments = ["--password-stdin", "--data", str(data), *more]
            assert main(["accounts", "add", "anna", *arguments]) == 0


def test_two_tenants_from_a_file(tmp_path: Path) -> None:
    """A file describes two tenants; each knows its own accounts. The log is JSON."""
    port = _free_port()
    config = {
        "data": "kept",
        "port": port,
        "log_format": "json",
        "limits": {"sign_in": {"per_second": 0.01, "burst": 3}},
        "tenants": [
            {"code": "HOME"},
            {"code": "DEV", "base_url": f"http://127.0.0.1:{port}/dev"},
        ],
    }
    path = tmp_path / "tenants.yaml"
    path.write_text(json.dumps(config), "utf-8")
    _add_account(tmp_path / "kept", "--tenant-code", "DEV")

    with _serve("--config", path) as server:
        server.wait_for(f"http://127.0.0.1:{port}/dev")
        url = f"http://127.0.0.1:{port}"
        statuses = [
            requests.get(address, auth=("anna", PASSWORD), timeout=10).status_code
            for address in (f"{url}/clients/v2", f"{url}/dev/clients/v2")
        ]
        codes = [
            one["code"]
            for one in requests.get(f"{url}/tenants", timeout=10).json()["result"]
        ]
        requests.get(f"{url}/clients/v2", timeout=10)
        refused = requests.get(f"{url}/dev/clients/v2", timeout=10)
        looking = requests.get(f"{url}/healthz", timeout=10)
        memory = _RSS.search(requests.get(f"{url}/metrics", timeout=10).text)
        server.process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in server.end().splitlines()]

    assert (statuses, codes) == ([401, 200], ["home", "dev"])
    assert (refused.status_code, looking.status_code) == (429, 200)
    assert int(refused.headers["Retry-After"]) > 1
    assert memory is not None
    assert server.process.returncode == 0
    calls = [line for line in lines if line["logger"] == "agave_local.access"]
    assert [(call["tenant"], call["status"]) for call in calls[:2]] == [
        ("HOME", 401),
        ("DEV", 200),
    ]
    assert calls[1]["user"] == "anna"
    assert {call["operation"] for call in calls[:2]} == {"clients.list"}
    assert PASSWORD not in str(lines)


def test_an_idle_tenant_is_small(tmp_path: Path) -> None:
    """A tenant that was just started takes little memory."""
    with _serve("--data", tmp_path, "--port", 0) as server:
        url = server.wait_for("serving").split()[-1]
        text = requests.get(f"{url}/metrics", timeout=10).text

    memory = _RSS.search(text)
    assert memory is not None
    assert float(memory[1]) < _SMALL


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--config", "nothing.yaml"], "nothing.yaml cannot be read"),
        (["--tenant-code", "a/b"], "code has 1 to 64 letters"),
        (["--gateway-key", "nothing.pem"], "gateway_key_file cannot be read"),
        (["--base-url", "dev"], "base_url is an address such as"),
        (["--stop-deadline", "-1"], "stop_deadline is a number of seconds"),
    ],
)
def test_refused_options(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    """An option that cannot be is refused in one line, and nothing is started."""
    data = tmp_path / "data"

    assert main(["serve", "--data", str(data), *options]) == 2

    error = capsys.readouterr().err
    assert error.startswith("agave-local: ")
    assert message in error
    assert len(error.splitlines()) == 1
    assert not data.exists()


@contextmanager
def _waiting(
    folder: Path, seconds: float, *options: object
) -> Iterator[tuple[Running, list[Any]]]:
    """Serve a tenant one of whose callers waits for an execution of so many seconds."""
    data, port, table = folder / "data", _free_port(), folder / "images.json"
    table.write_text(json.dumps(_IMAGES), "utf-8")
    _add_account(data, "--role", "admin")
    chosen = ("--data", data, "--port", port, "--images", table, *options)
    with _serve(*chosen) as server:
        server.url = server.wait_for("serving").split()[-1]
        caller = _sign_in(server.url)
        actor = _start_actor(caller, server.url)
        answers: list[Any] = []
        address = f"{actor}/messages?_abaco_synchronous=true"
        thread = threading.Thread(
            target=lambda: answers.append(_send(caller, address, seconds))
        )
        thread.start()
        _wait_running(caller, actor)
        yield server, answers
        thread.join(30)


def _send(caller: requests.Session, address: str, seconds: float) -> Any:
    try:
        return caller.post(address, data={"message": str(seconds)}, timeout=30)
    except requests.RequestException as error:
        return error


def _sign_in(url: str) -> requests.Session:
    auth = ("anna", PASSWORD)
    client = requests.post(
        f"{url}/clients/v2", auth=auth, data={"clientName": "tests"}, timeout=10
    ).json()["result"]
    tokens = requests.post(
        f"{url}/token",
        auth=(client["consumerKey"], client["consumerSecret"]),
        data={"grant_type": "password", "username": "anna", "password": PASSWORD},
        timeout=10,
    ).json()
    caller = requests.Session()
    caller.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return caller


def _start_actor(caller: requests.Session, url: str) -> str:
    made = caller.post(f"{url}/actors/v2", json={"image": "slow"}, timeout=10).json()
    actor = f"{url}/actors/v2/{made['result']['id']}"
    _wait_until(
        lambda: caller.get(actor, timeout=10).json()["result"]["status"] == "READY"
    )
    return actor


def _wait_running(caller: requests.Session, actor: str) -> None:
    def is_running() -> bool:
        listed = caller.get(f"{actor}/executions", timeout=10).json()["result"]
        return any(one["status"] == "RUNNING" for one in listed["executions"])

    _wait_until(is_running)


def _wait_until(is_so: Any) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_under_way_is_finished(tmp_path: Path) -> None:
    """A server that is told to stop gives the answer that somebody waits for."""
    with _waiting(tmp_path, 0.7) as (server, answers):
        server.process.send_signal(signal.SIGTERM)
        server.end()

    assert [answer.status_code for answer in answers] == [200]
    assert server.process.returncode == 0


def test_beyond_the_deadline(tmp_path: Path) -> None:
    """Who waits for longer than a stopping server has is told that it stops."""
    with _waiting(tmp_path, 60, "--stop-deadline", 0.2) as (server, answers):
        server.process.send_signal(signal.SIGTERM)
        server.end()

    (answer,) = answers
    assert answer.status_code == 503
    assert "The tenant is stopping" in answer.json()["message"]
    assert server.process.returncode == 0


def test_a_second_signal(tmp_path: Path) -> None:
    """Who cannot wait ends the server at once by a second signal."""
    with _waiting(tmp_path, 60, "--stop-deadline", 50) as (server, answers):
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        server.process.send_signal(signal.SIGTERM)
        server.end()

    assert server.process.returncode == 128 + signal.SIGTERM
    assert isinstance(answers[0], requests.ConnectionError)


def test_no_new_calls_while_it_stops(tmp_path: Path) -> None:
    """A stopping server says so on open connections, and takes no further one."""
    with _waiting(tmp_path, 1.5) as (server, _):
        with requests.Session() as kept:
            assert kept.get(f"{server.url}/readyz", timeout=10).ok
            server.process.send_signal(signal.SIGTERM)
            server.wait_for("stopping")
            # What was let in just before is still answered well, but for the last time.
            while (
                "Connection"
                not in (last := kept.get(f"{server.url}/readyz", timeout=10)).headers
            ):
                time.sleep(0.02)
            parts = urlsplit(server.url)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((parts.hostname, parts.port or 80), 10)
        server.end()

    assert last.headers["Connection"] == "close"
