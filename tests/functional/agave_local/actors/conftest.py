"""A tenant with one image, `probe`, which does what its message says."""

import importlib
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.docker import TENANT_LABEL
from agave_local.services.actors.runner.docker_api import DockerEngine
from agave_local.services.actors.runner.testing import make_python_image
from agave_local.testing import (
    Caller,
    FakeClock,
    LocalAgave,
    in_process_agave,
    served_agave,
)

TRANSPORTS = {"in_process": in_process_agave, "served": served_agave}
IMAGES = {"probe": "probe_image", "broken": "probe_broken"}
PATIENCE_S = 20.0
_APP = '''
    import ast, json, os, subprocess, sys, time
    from pathlib import Path

    def act(environment, send):
        """Do what the message says; return the exit code."""
        try:
            order = ast.literal_eval(environment.get("MSG", "{}"))
        except (ValueError, SyntaxError):
            order = {}
        if not isinstance(order, dict):
            order = {}
        print(order.get("print", ""), end="")
        if "event_type" in order:
            send(json.dumps(dict(environment)).encode())
        if order.get("environment"):
            send(json.dumps(dict(environment)).encode())
        for frame in order.get("frames", ()):
            send(frame.encode())
        if "binary" in environment:
            send(Path(environment["_abaco_binary_data"]).read_bytes()[:100])
        if "flood" in order:
            for _ in range(order["flood"]):
                print("x" * 100_000)
        if "leave" in order:
            new = order["leave"] == "detached"
            script = "sleep 0.7; touch " + order["path"]
            subprocess.Popen(["/bin/sh", "-c", script], start_new_session=new)
        if "touch" in order:
            with Path(order["touch"]).open("a") as file:
                file.write("x")
        if "memory" in order:
            print(len(b"x" * order["memory"]))
        if "raise" in order:
            raise RuntimeError(order["raise"])
        if "text_exit" in order:
            sys.exit(order["text_exit"])
        time.sleep(order.get("sleep", 0))
        return order.get("exit", 0)

    def run_inline(environment, send):
        return act(environment, send)
'''
_MAIN = """
    import os, socket, sys
    from probe_image.app import act

    def send(frame):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            client.connect(os.environ["_abaco_results_socket"])
            client.send(frame)

    sys.exit(act(os.environ, send))
"""
# What an image of a real engine runs.
_PROGRAM = """
import ast, json, os, socket, sys, time, urllib.request

def send(frame):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.connect("/_abaco_results.sock")
        client.send(frame)

order = ast.literal_eval(os.environ.get("MSG", "{}"))
print(order.get("print", ""), end="")
if "environment" in order:
    send(json.dumps(dict(os.environ)).encode())
for frame in order.get("frames", ()):
    send(frame.encode())
if "large" in order:
    send(b"x" * order["large"])
if "MSG" not in os.environ:
    with open("/_abaco_binary_data", "rb") as pipe:
        send(str(len(pipe.read())).encode())
if "who" in order:
    send(f"{os.getuid()}:{os.getgid()}".encode())
if "read" in order:
    send(open(order["read"], "rb").read())
if "write" in order:
    open(order["write"], "w").write("x")
if "exists" in order:
    send(str(os.path.exists(order["exists"])).encode())
if "fetch" in order:
    address = os.environ["_abaco_api_server"] + order["fetch"]
    send(urllib.request.urlopen(address, timeout=5).read())
for _ in range(order.get("flood", 0)):
    print("x" * 100_000)
if "memory" in order:
    print(len(b"x" * order["memory"]))
if "burn" in order:
    end = time.process_time() + order["burn"]
    while time.process_time() < end:
        pass
if "children" in order:
    for _ in range(order["children"]):
        if not os.fork():
            time.sleep(60)
print("", end="", flush=True)
time.sleep(order.get("sleep", 0))
sys.exit(order.get("exit", 0))
"""


@pytest.fixture(scope="session", autouse=True)
def _probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("images")
    for name, app, main in (
        ("probe_image", _APP, _MAIN),
        ("probe_broken", "import nothing_of_that_name", ""),
    ):
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
        (folder / name / "app.py").write_text(textwrap.dedent(app))
        (folder / name / "__main__.py").write_text(textwrap.dedent(main))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield folder
    sys.path.remove(str(folder))


class Abaco:
    """What the tests do again and again with the actors of a tenant.

    Attributes:
        agave: the tenant.
    """

    def __init__(self, agave: LocalAgave) -> None:
        self.agave = agave

    def client(self, username: str) -> Caller:
        """Return a session of a user."""
        return self.agave.client(username)

    def anonymous(self) -> Caller:
        """Return a session of nobody."""
        return self.agave.anonymous()

    def register(self, client: Caller, **described: Any) -> str:
        """Register an actor and wait until it is ready; return its id."""
        body = {"image": "probe", **described}
        answer = client.post("/actors/v2", json=body)
        assert answer.status_code == 200, answer.text
        actor_id = str(answer.json()["result"]["id"])
        wait_until(lambda: self.actor(client, actor_id)["status"] != "SUBMITTED")
        return actor_id

    def actor(self, client: Caller, actor_id: str) -> dict[str, Any]:
        """Return an actor."""
        actor: dict[str, Any] = result(client.get(f"/actors/v2/{actor_id}"))
        return actor

    def send(self, client: Caller, actor_id: str, order: Any, **query: str) -> str:
        """Post a message; return the id of its execution."""
        address = f"/actors/v2/{actor_id}/messages"
        answer = client.post(address, json=order, params=query)
        return str(result(answer)["executionId"])

    def ask(self, client: Caller, actor_id: str, order: Any, **query: str) -> Any:
        """Post a message and wait for what it results in."""
        address = f"/actors/v2/{actor_id}/messages"
        query["_abaco_synchronous"] = "true"
        return client.post(address, json=order, params=query)

    def ask_behind(
        self, client: Caller, actor_id: str, order: Any, answers: list[Any]
    ) -> threading.Thread:
        """Post a message and wait in another thread, which adds the answer."""
        thread = threading.Thread(
            target=lambda: answers.append(self.ask(client, actor_id, order))
        )
        thread.start()
        return thread

    def execution(
        self, client: Caller, actor_id: str, execution_id: str
    ) -> dict[str, Any]:
        """Return an execution."""
        address = f"/actors/v2/{actor_id}/executions/{execution_id}"
        execution: dict[str, Any] = result(client.get(address))
        return execution

    def finish(
        self, client: Caller, actor_id: str, execution_id: str
    ) -> dict[str, Any]:
        """Wait until an execution has ended; return it."""

        def has_ended() -> bool:
            status = self.execution(client, actor_id, execution_id)["status"]
            return status in {"COMPLETE", "ERROR"}

        wait_until(has_ended)
        return self.execution(client, actor_id, execution_id)

    def log(self, client: Caller, actor_id: str, execution_id: str) -> str:
        """Return the log of an execution."""
        address = f"/actors/v2/{actor_id}/executions/{execution_id}/logs"
        return str(result(client.get(address))["logs"])


def result(answer: Any) -> Any:
    """Return the result of a successful answer."""
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition, for as long as a busy machine may take."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


@pytest.fixture(name="abaco")
def _abaco(transport: str, tmp_path: Path) -> Iterator[Abaco]:
    with TRANSPORTS[transport](tmp_path / "data", images=IMAGES) as agave:
        yield Abaco(agave)


@pytest.fixture(name="abaco_with")
def _abaco_with(transport: str, tmp_path: Path) -> Callable[..., Any]:
    """Return what runs a tenant with the settings that a test names."""

    @contextmanager
    def run(**settings: Any) -> Iterator[Abaco]:
        with TRANSPORTS[transport](
            tmp_path / "data", images=IMAGES, **settings
        ) as agave:
            yield Abaco(agave)

    return run


@pytest.fixture(scope="session", name="abaco_of")
def _abaco_of() -> type[Abaco]:
    """Return what does it with a tenant that a test serves itself."""
    return Abaco


@pytest.fixture(name="lasting", params=list(TRANSPORTS), scope="module")
def _lasting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Abaco]:
    """Yield a tenant that the refusals of a module share: they change nothing."""
    data = tmp_path_factory.mktemp("lasting") / "data"
    with TRANSPORTS[request.param](data, images=IMAGES) as agave:
        yield Abaco(agave)


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Iterator[Abaco]:
    """Yield a tenant whose actors run in processes of their own."""
    with served_agave(tmp_path / "data", images=IMAGES) as agave:
        yield Abaco(agave)


@pytest.fixture(name="served_at")
def _served_at(tmp_path: Path, clock: FakeClock) -> Iterator[Abaco]:
    """Yield a tenant with processes, whose time only the test moves."""
    with served_agave(tmp_path / "data", images=IMAGES, clock=clock) as agave:
        yield Abaco(agave)


@pytest.fixture(name="serve")
def _serve(tmp_path: Path) -> Callable[[], Any]:
    """Return what serves one data directory, again and again."""

    @contextmanager
    def serve() -> Iterator[Abaco]:
        with served_agave(tmp_path / "data", images=IMAGES) as agave:
            yield Abaco(agave)

    return serve


@pytest.fixture(name="serve_at")
def _serve_at(tmp_path: Path, clock: FakeClock) -> Callable[[], Any]:
    """Return the same, for a tenant whose time only the test moves."""

    @contextmanager
    def serve() -> Iterator[Abaco]:
        with served_agave(tmp_path / "data", images=IMAGES, clock=clock) as agave:
            yield Abaco(agave)

    return serve


@pytest.fixture(name="refusal")
def _refusal() -> Callable[[Any], tuple[int, str]]:
    """Return what reads the status and message of a refusal in Abaco's envelope."""

    def read(answer: Any) -> tuple[int, str]:
        body = answer.json()
        assert (body["status"], body["result"]) == ("error", None)
        return answer.status_code, body["message"]

    return read


@pytest.fixture(name="result")
def _result() -> Callable[[Any], Any]:
    return result


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[[Callable[[], bool]], None]:
    return wait_until


@pytest.fixture(name="agave_caller")
def _agave_caller() -> type[Caller]:
    return Caller


@pytest.fixture(name="actor_id")
def _actor_id(abaco: Abaco) -> str:
    """Return an actor of `ipt` that is ready."""
    return abaco.register(abaco.client("ipt"))


@pytest.fixture(scope="session", name="program")
def _program() -> str:
    """Return the source of an image's program, which does what its message says."""
    return _PROGRAM


@pytest.fixture(scope="session", name="image")
def _image(container_engine: str) -> str:
    """Return an image with that program."""
    return make_python_image(container_engine, "probe", _PROGRAM)


@pytest.fixture(name="start")
def _start(container_engine: str, tmp_path: Path) -> Callable[..., Any]:
    """Return what serves a tenant with an engine."""

    @contextmanager
    def start(**settings: Any) -> Iterator[Abaco]:
        settings = {"docker": container_engine, "docker_pulls": False, **settings}
        with served_agave(tmp_path / "data", **settings) as agave:
            yield Abaco(agave)

    return start


@pytest.fixture(name="containers")
def _containers(container_engine: str) -> Callable[[], list[str]]:
    """Return what tells the containers of all tenants of the engine."""
    engine = DockerEngine(container_engine)
    return lambda: list(engine.labelled(TENANT_LABEL))
