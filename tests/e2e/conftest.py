"""The whole product, started as a stranger would start it: `./build.sh up`."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from playwright.sync_api import Browser, BrowserContext, Page

from sshlink.testing import SshServer, free_port

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = "dev"
ACCOUNT = re.compile(r"^\s+(?:user|administrator)\s+(\w+)\s+(\S+)", re.MULTILINE)
READY = re.compile(r"[Rr]eady in (\d+(?:\.\d+)?) s")


@dataclass
class Stack:
    """One `./build.sh up`: where it is, who may sign in, how to stop it."""

    data: Path
    port: int
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    ready_s: float = 0.0

    @property
    def url(self) -> str:
        """The address that `up` prints."""
        return f"http://127.0.0.1:{self.port}"

    def build(
        self, *arguments: str, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Run `./build.sh` with the arguments, as a person would."""
        done = subprocess.run(
            ["./build.sh", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            raise RuntimeError(f"{arguments}:\n{done.stdout}\n{done.stderr}")
        return done

    def up(self) -> str:
        """Start it detached; learn the passwords that are printed once."""
        where = ("--data", str(self.data), "--port", str(self.port))
        printed = self.build("up", "--detach", *where, *self.options).stdout
        self.passwords.update(dict(ACCOUNT.findall(printed)))
        ready = READY.search(printed)
        self.ready_s = float(ready.group(1)) if ready else float("nan")
        return printed

    def down(self) -> None:
        """Stop it as a person would."""
        self.build("down", "--data", str(self.data))

    def tenant_pid(self) -> int:
        """The process id of the tenant, as its pid file has it."""
        noted = json.loads((self.data / "run" / "tenant.json").read_text())
        pid: int = noted["pid"]
        return pid

    def kill_tenant(self) -> None:
        """End the tenant as a power cut would: `kill -9`."""
        pid = self.tenant_pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not _is_running(pid), "the tenant is gone")

    def user(self, name: str = "ada") -> "User":
        """Sign a person's script in: client, password grant."""
        password = self.passwords[name]
        client = requests.post(
            f"{self.url}/clients/v2",
            auth=(name, password),
            data={"clientName": f"e2e-{time.monotonic_ns()}"},
            timeout=30,
        ).json()["result"]
        token = requests.post(
            f"{self.url}/token",
            auth=(client["consumerKey"], client["consumerSecret"]),
            data={
                "grant_type": "password",
                "username": name,
                "password": password,
                "scope": "PRODUCTION",
            },
            timeout=30,
        ).json()["access_token"]
        return User(self.url, name, token)


@dataclass
class User:
    """Somebody's script: a token, and messages to functions."""

    url: str
    name: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The bearer token as a header."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, function: str, message: Any) -> dict[str, Any]:
        """Send any message to a function and return the whole frame."""
        answer = requests.post(
            f"{self.url}/actors/v2/{INSTANCE}-{function}/messages",
            params={"_abaco_synchronous": "true"},
            headers=self.headers,
            json=message,
            timeout=120,
        )
        frame: dict[str, Any] = answer.json()
        return frame

    def send(
        self,
        function: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Send a request to a function and return the whole frame."""
        return self.post(
            function,
            {
                "method": method,
                "path": path,
                "body": body or {},
                "query": query or {},
                "authorization": f"Bearer {self.token}",
            },
        )

    def ask(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Send a request that must go well, and return the answer's body."""
        frame = self.send(*arguments, **named)
        assert frame["status"] < 400, json.dumps(frame)
        body: dict[str, Any] = frame["body"]
        return body

    def get(self, path: str) -> Any:
        """Ask the tenant itself for something, and return the result."""
        answer = requests.get(f"{self.url}{path}", headers=self.headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json()["result"]

    def upload(self, name: str, content: bytes) -> None:
        """Put a file into the home, through Agave files."""
        target = self.ask(
            "files",
            "POST",
            "/uploads",
            {"path": "", "name": name, "size": len(content)},
        )
        answer = requests.post(
            target["url"],
            headers=self.headers,
            files={target["field"]: (name, content)},
            timeout=60,
        )
        assert answer.status_code in {200, 201, 202}, answer.text

    def wait_for_job(self, job: str, timeout_s: float = 60) -> dict[str, Any]:
        """Wait until a job has ended, and return its detail."""
        ended = {"FINISHED", "FAILED", "STOPPED", "KILLED"}
        deadline = time.monotonic() + timeout_s
        while True:
            detail = self.ask("jobs", "GET", f"/jobs/{job}")
            if detail["status"] in ended:
                return detail
            assert time.monotonic() < deadline, detail
            time.sleep(0.3)


def place_courier(data: Path) -> None:
    """Make the program of docs/automation.md an image, as the page says."""
    page = (ROOT / "docs/automation.md").read_text("utf-8")
    code = re.search(
        r"<!-- automation: courier.py -->\n```python\n(.*?)```", page, re.DOTALL
    )
    assert code is not None
    data.mkdir(mode=0o700)
    program = data.with_name("courier.py")
    program.write_text(code[1], "utf-8")
    entry = {"mine/courier": {"command": [sys.executable, "-I", str(program)]}}
    (data / "images.yaml").write_text(json.dumps(entry), "utf-8")


def wait_until(happened: Any, what: str, timeout_s: float = 30) -> None:
    """Wait for something to become true, or fail with its name."""
    deadline = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s until {what}")
        time.sleep(0.1)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture(scope="session", name="stack_factory")
def _stack_factory() -> Callable[..., Stack]:
    """Give what makes a product that is not started yet, for fixtures of a folder."""

    def make(data: Path, *options: str, **environment: str) -> Stack:
        return Stack(data, free_port(), options, environment)

    return make


@pytest.fixture(scope="session", name="stack")
def _stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start the product once for all end-to-end tests."""
    stack = Stack(tmp_path_factory.mktemp("stack") / "data", free_port())
    place_courier(stack.data)
    stack.up()
    yield stack
    stack.down()


@pytest.fixture(scope="session", name="container_functions")
def _container_functions(
    tmp_path_factory: pytest.TempPathFactory,
    container_engine: str,
    function_images: dict[str, str],
    terminal_image: str,
    ssh_server: SshServer,
) -> Iterator[Stack]:
    """Start the product with every function in a container of its own image.

    A container has no way to the engine but SSH, as on a live tenant: this machine is
    its own execution host.
    """
    del function_images, terminal_image
    data = tmp_path_factory.mktemp("containers") / "data"
    _name_host(data, container_engine, ssh_server)
    options = ("--functions", "containers", "--engine", container_engine)
    stack = Stack(data, free_port(), options)
    stack.up()
    yield stack
    stack.down()


def _name_host(data: Path, engine: str, server: SshServer) -> None:
    """Write what an operator would: where the host is, and the key for it."""
    secrets = data / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    (secrets / "ssh-key").touch(0o600)
    (secrets / "ssh-key").write_text(server.key, "utf-8")
    host = {
        "name": "far",
        "engine": f"ssh://{server.user}@127.0.0.1:{server.port}",
        "address": "127.0.0.1",
        "host_key": server.host_key,
        "engine_command": f"podman --url {engine} system dial-stdio",
    }
    written = yaml.safe_dump({"terminal_hosts": [host]})
    (data / "settings.yaml").write_text(written, "utf-8")


@pytest.fixture(name="own_stack_factory")
def _own_stack_factory(tmp_path: Path) -> Callable[..., Iterator[Stack]]:
    """Give what starts a product of the test's own with options of `up`."""

    def start(*options: str) -> Iterator[Stack]:
        stack = Stack(tmp_path / "data", free_port(), options)
        stack.up()
        yield stack
        stack.down()

    return start


@pytest.fixture(name="own_stack")
def _own_stack(own_stack_factory: Callable[..., Iterator[Stack]]) -> Iterator[Stack]:
    """Start a product of the test's own, to be treated badly."""
    yield from own_stack_factory()


@pytest.fixture(name="context")
def _context(browser: Browser) -> Iterator[BrowserContext]:
    """Give each test a browser profile of its own."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, accept_downloads=True
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(name="page")
def _page(context: BrowserContext) -> Page:
    """Open one tab."""
    return context.new_page()
