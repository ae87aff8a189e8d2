"""What benchmarks share: a tenant of their own, its actor, and the floors.

The tenant is the real command in a process of its own. What it needs before the
measurement (accounts, tokens, records) is put into its data folder while it is down.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from waitress.server import create_server

from agave_local.call import SERVICE_ROLE
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant

IMAGE = "bench/echo"
SERVICE, USER = "ipt", "ada"
THREADS = 96  # as the tenant has
PATIENCE_S = 60.0
_PASSWORD = "only for this benchmark"  # noqa: S105 - of accounts that are gone with it
_DAY_S = 86_400
_ACTORS = Path(__file__).parent / "actors"
_SERVE = "import sys; from agave_local.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Stage:
    """A tenant that is served.

    Attributes:
        address: of its socket.
        process: id of its process.
        ready_s: seconds from its start to its first answer.
        tokens: by user name.
    """

    address: tuple[str, int]
    process: int
    ready_s: float
    tokens: dict[str, str]

    def ask(
        self, method: str, path: str, body: Any = None, user: str = SERVICE
    ) -> dict[str, Any]:
        """Call the tenant once and return the answer's envelope."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(
            method, path, None if body is None else json.dumps(body), headers
        )
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise SystemExit(f"{method} {path}: {answer.status} {text!r}")
        envelope: dict[str, Any] = json.loads(text)
        return envelope

    def request(
        self, method: str, path: str, body: Any = None, user: str = USER
    ) -> bytes:
        """Return the bytes of a request on a connection that is kept."""
        data = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\n"
            f"Authorization: Bearer {self.tokens[user]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        return head.encode() + data

    def add_actor(self, **more: Any) -> str:
        """Register the actor for everybody, wait until it is ready, return its id."""
        body = {"image": IMAGE, "stateless": True, **more}
        actor = str(self.ask("POST", "/actors/v2", body)["result"]["id"])
        self.ask(
            "POST",
            f"/actors/v2/{actor}/permissions",
            {"user": USER, "level": "EXECUTE"},
        )
        wait_until(
            lambda: (
                self.ask("GET", f"/actors/v2/{actor}")["result"]["status"] == "READY"
            )
        )
        return actor

    def memory(self) -> float:
        """Return the resident memory of the tenant's process, in MiB."""
        status = Path(f"/proc/{self.process}/status").read_text("ascii")
        (line,) = [row for row in status.splitlines() if row.startswith("VmRSS")]
        return int(line.split()[1]) / 1024


@contextmanager
def tenant(
    data: Path, prepare: Callable[[Tenant], None] | None = None
) -> Iterator[Stage]:
    """Serve a tenant with a service account and a user.

    Args:
        data: its folder, which is empty.
        prepare: puts more into it before it is served.
    """
    tokens = _prepare(data, prepare)
    images = data / "images.json"
    images.write_text(json.dumps({IMAGE: "echo"}))
    port = free_port()
    command = [
        *(sys.executable, "-c", _SERVE, "serve", "--one-core"),
        *("--data", str(data)),
        *("--port", str(port), "--images", str(images)),
    ]
    path = os.pathsep.join(
        filter(None, [str(_ACTORS), os.environ.get("PYTHONPATH", "")])
    )
    environment = {**os.environ, "PYTHONPATH": path}
    with (data / "tenant.log").open("w") as log:
        began = time.perf_counter()
        served = subprocess.Popen(command, stderr=log, env=environment)
        try:
            wait_until(lambda: _answers(port), 0.005)
            ready_s = time.perf_counter() - began
            yield Stage(("127.0.0.1", port), served.pid, ready_s, tokens)
        finally:
            served.terminate()
            served.wait(PATIENCE_S)


def _prepare(data: Path, prepare: Callable[[Tenant], None] | None) -> dict[str, str]:
    down = Tenant(TenantSettings(data, "http://127.0.0.1"))
    down.profiles.add(SERVICE, _PASSWORD, roles=[SERVICE_ROLE])
    down.profiles.add(USER, _PASSWORD)
    tokens = {name: down.oauth.mint(name, _DAY_S) for name in (SERVICE, USER)}
    if prepare is not None:
        prepare(down)
    down.store.close()
    return tokens


@contextmanager
def empty_server() -> Iterator[tuple[str, int]]:
    """Serve nothing, by the tenant's server with the tenant's number of threads."""

    def nothing(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "0")])
        return []

    map_: dict[int, object] = {}
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    server = create_server(nothing, map=map_, sockets=[listener], threads=THREADS)

    def run() -> None:
        server.asyncore.loop(timeout=0.1, map=map_)

    loop = threading.Thread(target=run)
    loop.start()
    try:
        yield str(host), int(port)
    finally:
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(map_))
        loop.join()
        server.task_dispatcher.shutdown()


# The process that the tenant forks for each message, but for the actor.
_FORKS = """
import json, os, sys, time
import agave_local.services.actors.runner.forkserver
times = []
for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    child = os.fork()
    if not child:
        os.execv("/bin/true", ["true"])
    os.waitpid(child, 0)
    times.append(1000 * (time.perf_counter() - began))
json.dump(times, sys.stdout)
"""


def fork_and_exec(number: int) -> list[float]:
    """Fork and start the smallest program, again and again; return milliseconds."""
    told = subprocess.run(
        [sys.executable, "-c", _FORKS, str(number)],
        check=True,
        capture_output=True,
    )
    times: list[float] = json.loads(told.stdout)
    return times


def wait_until(is_so: Callable[[], bool], pause_s: float = 0.05) -> None:
    """Wait; give up where it takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit("The tenant did not get there in time.")
        time.sleep(pause_s)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    address = urlsplit(f"http://127.0.0.1:{port}").netloc
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
