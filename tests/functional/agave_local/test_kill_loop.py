"""A hundred `kill -9` of a served tenant under load lose nothing and repeat nothing.

Clients post messages (awaited or not, text or binary), write metadata and upload
files, and note what was answered. The tenant is killed again and again, sometimes
before it is ready. After the last start everything that was answered must be there.
"""

import hashlib
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, KeysView
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from agave_local.call import SERVICE_ROLE
from agave_local.services.actors.executions import TENANT_DIED
from agave_local.services.jobs.testing import STORAGE, add_storage
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.testing import CHEAP, PASSWORD

KILLS = 100
PAUSE_S = 0.02
SEED = 20_240_229
IMAGE, PACKAGE = "test/journal", "journal"
SERVE = "import sys; from agave_local.cli import main; sys.exit(main())"
# Appends a line to the journal, in one step and onto the disk, before it answers.
ACTOR = """
import os, socket

def main():
    given = os.environ
    text = given.get("MSG")
    if text is None:
        with open(given["_abaco_binary_data"], "rb") as source:
            text = source.read().decode()
    line = f"{given['_abaco_execution_id']} {text}\\n".encode()
    journal = os.open(given["JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(journal, line)
    os.fsync(journal)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as results:
        results.connect(given["_abaco_results_socket"])
        results.send(text.encode())
"""


@dataclass
class Kept:
    """What the tenant has answered, and so must never lose.

    Attributes:
        executions: text of each accepted message, by execution.
        awaited: texts of messages whose result was answered.
        records: value of each metadata record, by UUID.
        doubtful: values that were sent for a record, but never answered.
        files: SHA-256 of each file, by name.
        surprises: answers that there must not be.
    """

    executions: dict[str, str] = field(default_factory=dict)
    awaited: list[str] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)
    doubtful: dict[str, set[int]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)


@dataclass
class Load:
    """The clients, and the gate that is open while the tenant answers."""

    url: str
    actor: str
    token: str
    kept: Kept = field(default_factory=Kept)
    gate: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have all clients work."""
        works = (self.post, self.post, self.post_binary, self.wait, self.write)
        threads = [
            threading.Thread(target=self._repeat, args=(work, number))
            for number, work in enumerate((*works, self.upload))
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ended.set()
            self.gate.set()
            for thread in threads:
                thread.join()

    def _repeat(self, work: Any, client: int) -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self.token}"
            turn = 0
            while not self.ended.is_set():
                self.gate.wait()
                turn += 1
                try:
                    work(session, f"c{client}-{turn}")
                except (requests.RequestException, http.client.HTTPException):
                    # The tenant was killed on the way: nothing was promised.
                    time.sleep(0.005)

    def _answer(self, answer: requests.Response) -> Any:
        """Return a good answer; None for one that says to try again later."""
        if answer.ok:
            return answer
        full = answer.status_code == 400 and "queue > 0" in answer.text
        starting = answer.status_code == 503 and "is starting" in answer.text
        if not full and not starting:
            self.kept.surprises.append(f"{answer.status_code} {answer.text[:300]}")
        time.sleep(0.02)
        return None

    @property
    def _messages(self) -> str:
        return f"{self.url}/actors/v2/{self.actor}/messages"

    def post(self, session: requests.Session, text: str) -> None:
        """Post a message without waiting for it."""
        self._note(session.post(self._messages, json={"message": text}, timeout=30))

    def post_binary(self, session: requests.Session, text: str) -> None:
        """Post a binary message without waiting for it."""
        headers = {"Content-Type": "application/octet-stream"}
        self._note(
            session.post(self._messages, text.encode(), headers=headers, timeout=30),
            text,
        )

    def _note(self, answer: requests.Response, text: str | None = None) -> None:
        if self._answer(answer):
            result = answer.json()["result"]
            self.kept.executions[result["executionId"]] = text or result["msg"]
        # Else those who wait for their results would never get their turn.
        time.sleep(PAUSE_S)

    def wait(self, session: requests.Session, text: str) -> None:
        """Post a message and wait for what it results in."""
        answer = session.post(
            f"{self._messages}?_abaco_synchronous=true",
            json={"message": text},
            timeout=30,
        )
        if self._answer(answer):
            assert answer.text == text, answer.text
            self.kept.awaited.append(text)

    def write(self, session: requests.Session, text: str) -> None:
        """Add a metadata record, or change one that is there."""
        kept = self.kept
        value = int(text.rpartition("-")[2])
        body = {"name": "kill", "value": {"n": value}}
        if value % 3 or not kept.records:
            answer = session.post(f"{self.url}/meta/v2/data", json=body, timeout=30)
            if self._answer(answer):
                kept.records[answer.json()["result"]["uuid"]] = value
            return
        uuid = random.Random(value).choice(list(kept.records))  # noqa: S311 - any record will do
        kept.doubtful.setdefault(uuid, set()).add(value)
        answer = session.post(f"{self.url}/meta/v2/data/{uuid}", json=body, timeout=30)
        if self._answer(answer):
            kept.records[uuid] = value
            del kept.doubtful[uuid]

    def upload(self, session: requests.Session, text: str) -> None:
        """Upload a file of some size."""
        content = random.Random(text).randbytes(200_000)  # noqa: S311 - only to be large
        address = f"{self.url}/files/v2/media/system/{STORAGE}/anna"
        sent = {"fileToUpload": (text, content)}
        if self._answer(session.post(address, files=sent, timeout=30)):
            self.kept.files[text] = hashlib.sha256(content).hexdigest()
        time.sleep(0.02)


@dataclass
class Server:
    """The command `agave-local serve` in a process of its own, again and again."""

    data: Path
    port: int
    path: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the tenant."""
        images = self.data / "images.json"
        images.write_text(json.dumps({IMAGE: PACKAGE}), "utf-8")
        with (self.data / "tenant.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", SERVE, "serve", "--no-limits"),
                    *("--data", str(self.data), "--port", str(self.port)),
                    *("--images", str(images)),
                ],
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(self.path)},
            )

    def wait_ready(self) -> None:
        """Wait until the tenant answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", "/ready")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            except (OSError, http.client.HTTPException):
                assert self.process is not None
                assert self.process.poll() is None, self.log()[-3000:]
            finally:
                connection.close()
            time.sleep(0.01)
        raise AssertionError(self.log()[-3000:])

    def end(self, number: signal.Signals) -> int:
        """End the tenant by a signal; return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def log(self) -> str:
        """Return all that the tenant has logged."""
        return (self.data / "tenant.log").read_text("utf-8", "replace")


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    package = tmp_path / "packages" / PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "app.py").write_text(ACTOR)
    (package / "__main__.py").write_text(f"from {PACKAGE}.app import main\nmain()\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = Server(tmp_path / "data", port, package.parent)
    yield server
    if server.process is not None and server.process.poll() is None:
        server.process.kill()
        server.process.wait()


def _prepare(server: Server) -> str:
    """Put the storage and an account into the tenant; return the account's token."""
    settings = TenantSettings(server.data, "http://127.0.0.1", password_cost=CHEAP)
    down = Tenant(settings)
    down.profiles.add("anna", PASSWORD, roles=[SERVICE_ROLE])
    add_storage(down)
    (server.data / "storage" / STORAGE / "anna").mkdir(parents=True)
    token = down.oauth.mint("anna", 86_400)
    down.store.close()
    return token


def _register(load: Load, journal: Path) -> str:
    headers = {"Authorization": f"Bearer {load.token}"}
    address = f"{load.url}/actors/v2"
    body = {
        "image": IMAGE,
        "stateless": True,
        "defaultEnvironment": {"JOURNAL": str(journal)},
    }
    answer = requests.post(address, json=body, headers=headers, timeout=30)
    actor = str(answer.json()["result"]["id"])
    deadline = time.monotonic() + 30
    shown: dict[str, Any] = {}
    while time.monotonic() < deadline:
        shown = requests.get(f"{address}/{actor}", headers=headers, timeout=30).json()
        if shown["result"]["status"] == "READY":
            return actor
        time.sleep(0.02)
    raise AssertionError(shown)


def _executions(data: Path) -> dict[str, tuple[str, str | None]]:
    """Return status and error of every execution, once none waits or runs any more."""
    connection = sqlite3.connect(data / "tenant.sqlite")
    deadline = time.monotonic() + 60
    rows: list[tuple[str, str, str | None]] = []
    try:
        while time.monotonic() < deadline:
            rows = connection.execute(
                "SELECT id, json_extract(body, '$.status'), "
                "json_extract(body, '$.error') "
                "FROM documents WHERE kind = 'actors.execution'"
            ).fetchall()
            if {status for _, status, _ in rows} <= {"COMPLETE", "ERROR"}:
                return {each: (status, error) for each, status, error in rows}
            time.sleep(0.1)
    finally:
        connection.close()
    raise AssertionError(Counter(status for _, status, _ in rows))


@pytest.mark.timeout(400)
def test_kill_loop(server: Server, tmp_path: Path) -> None:
    """Every answer holds after a hundred kills, and no execution ran twice."""
    chance = random.Random(SEED)  # noqa: S311 - the moments of the kills
    journal = tmp_path / "journal"
    load = Load(f"http://127.0.0.1:{server.port}", "", _prepare(server))
    server.start()
    server.wait_ready()
    load.actor = _register(load, journal)

    with load.running():
        for number in range(KILLS):
            if number % 5 == 4:
                # Some tenants are killed while they are taking up their work.
                time.sleep(chance.uniform(0.1, 0.6))
            else:
                server.wait_ready()
                load.gate.set()
                time.sleep(chance.uniform(0.02, 0.3))
            server.end(signal.SIGKILL)
            load.gate.clear()
            server.start()
        server.wait_ready()
        load.gate.set()
        time.sleep(0.3)

    executions = _executions(server.data)
    _check_answers(load, executions.keys())
    _check_journal(load.kept, executions, journal)
    assert server.end(signal.SIGTERM) == 0
    _check_files(load, server)


def _check_answers(load: Load, executions: KeysView[str]) -> None:
    kept = load.kept
    assert kept.surprises == []
    # How many there are is a matter of the machine; that there are some, of the test.
    assert min(len(kept.executions), len(kept.records)) > KILLS / 4
    assert len(kept.awaited) > 0
    assert len(kept.files) > 0
    assert kept.executions.keys() - executions == set()
    headers = {"Authorization": f"Bearer {load.token}"}
    address = f"{load.url}/meta/v2/data?q={{}}&limit=10000&offset="
    found: dict[str, int] = {}
    while True:
        answer = requests.get(address + str(len(found)), headers=headers, timeout=60)
        page = answer.json()["result"]
        found |= {record["uuid"]: record["value"]["n"] for record in page}
        if not page:
            break
    for uuid, value in kept.records.items():
        assert found[uuid] in {value, *kept.doubtful.get(uuid, ())}


def _check_journal(
    kept: Kept, executions: dict[str, tuple[str, str | None]], journal: Path
) -> None:
    lines = [line.split(" ", 1) for line in journal.read_text("utf-8").splitlines()]
    said = dict(lines)
    assert len(lines) == len(said)  # none ran twice
    for execution, (status, error) in executions.items():
        if status == "COMPLETE":
            assert execution in said
        else:
            assert error == TENANT_DIED
    for execution, text in kept.executions.items():
        assert said.get(execution, text) == text
    texts = Counter(said.values())
    assert [text for text in kept.awaited if texts[text] != 1] == []


def _check_files(load: Load, server: Server) -> None:
    folder = server.data / "storage" / STORAGE / "anna"
    for name, digest in load.kept.files.items():
        assert digest == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    assert list((server.data / "run" / "binary").iterdir()) == []
    connection = sqlite3.connect(server.data / "tenant.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    log = server.log()
    assert "Traceback" not in log
    assert " ERROR " not in log
    assert "database" not in log
