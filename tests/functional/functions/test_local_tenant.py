"""The functions against the local tenant: real OAuth, metadata, files and jobs."""

import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.planning.folders import read_app_folder
from agave_deploy.systems.documents import add_systems, to_setting
from agave_deploy.systems.local import REGISTRY
from agave_deploy.systems.reading import read_system
from agave_local.call import Identity
from agave_local.testing import LocalAgave, in_process_agave, served_agave
from functions.auth_callback import app as auth_callback
from functions.files import app as files
from functions.job_submit import app as job_submit
from functions.jobs import app as jobs
from functions.terminal import app as terminal
from functions.webterm import app as webterm
from iptweb.logs import Log
from iptweb.runtime import Platform, run
from iptweb.terminals.host import HostPool
from iptweb.terminals.host.asking import Member
from iptweb.testing import FakeHost, check_agreement, make_configs

CHECKOUT = Path(__file__).parents[3]
LOCAL = read_system(CHECKOUT / REGISTRY / "local.yaml", {})
ENDED = {"FINISHED", "FAILED", "STOPPED"}
SOURCE = b"""#include <stdio.h>
int main(int argc, char **argv) { printf("hello %s\\n", argv[argc - 1]); return 0; }
"""


@dataclass
class Caller:
    """Sends messages to functions that work on a local tenant, as one user."""

    agave: LocalAgave
    username: str
    token: str = ""
    configs: dict[str, str] = field(
        default_factory=lambda: make_configs(systems=[to_setting(LOCAL)])
    )

    def environment(self, message: dict[str, Any]) -> dict[str, str]:
        """Return what an actor's container would have."""
        oauth = self.agave.tenant.oauth
        if self.token:
            message = {**message, "authorization": f"Bearer {self.token}"}
        return {
            "MSG": repr(message),
            "_abaco_access_token": oauth.mint("ipt", 3600),
            "_abaco_api_server": self.agave.base_url,
            "_abaco_execution_id": "execution-1",
            "_abaco_username": self.username,
            "_actor_configs": repr(self.configs),
        }

    def send(self, module: ModuleType, method: str, path: str, **more: Any) -> Any:
        """Send a message; return the body of a success."""
        frames: list[bytes] = []
        message = {"method": method, "path": path, **more}
        assert module.run_inline(self.environment(message), frames.append) == 0
        answer = json.loads(frames[0])
        assert answer["status"] < 300, answer
        check_agreement(module.app, repr(message), answer)
        return answer["body"]

    def refused(self, module: ModuleType, method: str, path: str, **more: Any) -> str:
        """Send a message that is refused; return the error's code."""
        frames: list[bytes] = []
        message = {"method": method, "path": path, **more}
        assert module.run_inline(self.environment(message), frames.append) == 0
        return str(json.loads(frames[0])["body"]["error"]["code"])


@pytest.fixture(name="agave")
def _agave(tmp_path: Path) -> Iterator[LocalAgave]:
    with in_process_agave(tmp_path / "data") as agave:
        agave.add_user("ada")
        register(agave)
        yield agave


def register(agave: LocalAgave) -> None:
    """Register the checkout's systems and apps, as the deployer does."""
    service = agave.client("ipt")
    manifest = add_systems(read_manifest(CHECKOUT), [LOCAL])
    for system in manifest.systems:
        post(service, "/systems/v2/", json=dict(system.document))
        if system.id != "ipt.apps":
            address = f"/systems/v2/{system.id}"
            assert service.put(address, json={"action": "PUBLISH"}).ok
    media = "/files/v2/media/system/ipt.apps/"
    for app in manifest.apps:
        for name, content in read_app_folder(app).files.items():
            folder, _, base = f"{app.path}/{name}".rpartition("/")
            service.put(media, json={"action": "mkdir", "path": folder})
            post(service, media + folder, files={"fileToUpload": (base, content)})
        post(service, "/apps/v2/", json=dict(app.document))


def post(session: Any, path: str, **more: Any) -> None:
    """Send a POST that must succeed."""
    answer = session.post(path, **more)
    assert answer.ok, answer.text


@pytest.fixture(name="ada")
def _ada(agave: LocalAgave) -> Caller:
    """Return ada, signed in through `auth_callback`."""
    body = sign_in(agave)
    return Caller(agave, "ada", body["access_token"])


def sign_in(agave: LocalAgave) -> dict[str, Any]:
    """Sign ada in, with the site's own client and a code as from the sign-in page."""
    tenant = agave.tenant
    callback = "http://127.0.0.1:8080/site/callback.html"
    made = agave.client("ipt").post(
        "/clients/v2/",
        json={"clientName": f"site-{time.monotonic_ns()}", "callbackUrl": callback},
        auth=("ipt", "correct horse battery"),
    )
    result = made.json()["result"]
    key = {"key": result["consumerKey"], "secret": result["consumerSecret"]}
    nobody = Caller(agave, "ipt")
    nobody.configs["test-oauth-client"] = json.dumps(key)
    state = nobody.send(auth_callback, "GET", "/authorize")["state"]
    client = next(
        c
        for c in tenant.clients.of(Identity("ipt"))
        if c["key"] == result["consumerKey"]
    )
    code = tenant.oauth.make_code("ada", client, callback)
    body = nobody.send(
        auth_callback, "POST", "/sessions", body={"code": code, "state": state}
    )
    return {**body, "nobody": nobody}


def test_sessions(agave: LocalAgave) -> None:
    """A person signs in, refreshes twice and signs out."""
    body = sign_in(agave)
    nobody, session = body["nobody"], {"session": body["session"]}

    assert body["username"] == "ada"
    fresh: dict[str, Any] = {}
    for _ in range(2):
        fresh = nobody.send(auth_callback, "POST", "/sessions/refresh", body=session)
        Caller(agave, "ada", fresh["access_token"]).send(files, "GET", "/files")
    assert nobody.send(auth_callback, "DELETE", "/sessions", body=session) == {}
    assert (
        nobody.refused(auth_callback, "POST", "/sessions/refresh", body=session)
        == "unauthorized"
    )
    gone = Caller(agave, "ada", fresh["access_token"])
    assert gone.refused(files, "GET", "/files") == "token_expired"


def test_files(ada: Caller) -> None:
    """The home is there after sign-in; files come, change and go."""
    assert ada.send(files, "GET", "/files")["entries"] == []
    ada.send(files, "POST", "/folders", body={"path": "a b"})
    upload(ada, "a b", "x y#.c", SOURCE)
    entries = ada.send(files, "GET", "/files", query={"path": "a b"})["entries"]
    assert [(e["path"], e["size"]) for e in entries] == [("a b/x y#.c", len(SOURCE))]

    body = {"path": "a b/x y#.c", "name": "z.c"}
    renamed = ada.send(files, "POST", "/files/rename", body=body)
    assert (renamed["path"], renamed["type"]) == ("a b/z.c", "file")
    target = ada.send(files, "GET", "/downloads", query={"path": "a b/z.c"})
    assert ada.agave.client("ada").get(target["url"]).content == SOURCE
    ada.send(files, "DELETE", "/files", query={"path": "a b"})
    assert ada.refused(files, "GET", "/files", query={"path": "a b"}) == "not_found"


def test_paging(ada: Caller) -> None:
    """Page by page every file comes once."""
    for number in range(7):
        upload(ada, "", f"f{number}", b"")
    names: list[str] = []
    more = True
    while more:
        query = {"limit": 3, "offset": len(names)}
        page = ada.send(files, "GET", "/files", query=query)
        names += [entry["name"] for entry in page["entries"]]
        more = page["more"]

    assert names == [f"f{number}" for number in range(7)]


def upload(ada: Caller, path: str, name: str, data: bytes) -> None:
    """Upload a file the way the site does."""
    body = {"path": path, "name": name, "size": len(data)}
    target = ada.send(files, "POST", "/uploads", body=body)
    post(
        ada.agave.client("ada"),
        target["url"],
        files={target["field"]: (name, data)},
    )


def test_foreign_home(agave: LocalAgave, ada: Caller) -> None:
    """A token of one user is of no use to another."""
    bob = agave.client("bob").token
    assert Caller(agave, "ada", bob).refused(files, "GET", "/files") == "forbidden"
    assert Caller(agave, "bob", ada.token).refused(jobs, "GET", "/jobs") == "forbidden"


def wait_for(ada: Caller, job_id: str) -> dict[str, Any]:
    """Wait until a job has ended and return it."""
    job: dict[str, Any] = {}
    for _ in range(300):
        job = ada.send(jobs, "GET", f"/jobs/{job_id}")
        if job["status"] in ENDED:
            return dict(job)
        time.sleep(0.1)
    raise AssertionError(job)


@pytest.mark.needs("bubblewrap", "gcc")
def test_compile_and_run(ada: Caller) -> None:
    """A program is compiled and run, and what it printed is read."""
    upload(ada, "", "hello.c", SOURCE)
    compile_body = {
        "kind": "compile",
        "request_id": "compile-1",
        "system": "local",
        "command": "gcc -O1",
        "source": "hello.c",
        "output": "hello",
    }
    made = ada.send(job_submit, "POST", "/jobs", body=compile_body)
    assert ada.send(job_submit, "POST", "/jobs", body=compile_body)["id"] == made["id"]
    compiled = wait_for(ada, made["id"])
    assert (compiled["status"], compiled["exit_code"]) == ("FINISHED", 0), compiled
    assert compiled["command_line"] == "gcc -O1 ./hello.c -o ./hello"
    binary = f"{made['archive_path']}/hello"
    assert binary in [entry["path"] for entry in compiled["outputs"]]

    run_body = {
        "kind": "run",
        "request_id": "run-00001",
        "system": "local",
        "binary": binary,
        "args": "'a b'",
        "threads": 2,
    }
    run = wait_for(ada, ada.send(job_submit, "POST", "/jobs", body=run_body)["id"])
    assert (run["status"], run["exit_code"]) == ("FINISHED", 0), run
    text = ada.send(jobs, "GET", f"/jobs/{run['id']}/text")
    assert "hello a b\n" in text["text"]
    assert text["done"] is True
    listed = ada.send(jobs, "GET", "/jobs")["jobs"]
    assert [(job["id"], job["kind"]) for job in listed] == [
        (run["id"], "run"),
        (made["id"], "compile"),
    ]
    ada.send(jobs, "DELETE", f"/jobs/{run['id']}")
    assert len(ada.send(jobs, "GET", "/jobs")["jobs"]) == 1


@pytest.mark.needs("bubblewrap", "gcc")
def test_program_that_does_not_compile(ada: Caller) -> None:
    """A failed compilation is a failed job with the compiler's words."""
    upload(ada, "", "bad.c", b"int main( {\n")
    body = {
        "kind": "compile",
        "request_id": "compile-2",
        "system": "local",
        "command": "gcc",
        "source": "bad.c",
        "output": "bad",
    }
    made = ada.send(job_submit, "POST", "/jobs", body=body)
    job = wait_for(ada, made["id"])

    assert (job["status"], job["exit_code"]) == ("FAILED", 1)
    query = {"stream": "err"}
    text = ada.send(jobs, "GET", f"/jobs/{made['id']}/text", query=query)["text"]
    assert "bad.c:1:" in text


def test_input_that_is_not_there(ada: Caller) -> None:
    """A source that is not there is refused when the job is submitted."""
    body = {
        "kind": "compile",
        "request_id": "compile-3",
        "system": "local",
        "command": "gcc",
        "source": "nope.c",
        "output": "nope",
    }
    assert ada.refused(job_submit, "POST", "/jobs", body=body) == "bad_request"


def test_terminal_records(agave: LocalAgave, ada: Caller) -> None:
    """Start and show work on the tenant's metadata; the user can read the record."""
    host = FakeHost()

    def command(name: str) -> str:
        frames: list[bytes] = []
        pool = HostPool([Member(host.name, host)])
        platform = Platform(choose_host=lambda *_: pool)
        run(
            terminal.app,
            ada.environment({"command": name}),
            platform,
            Log(io.StringIO()),
            deliver=lambda frame, _path: frames.append(frame),
        )
        return str(json.loads(frames[0])["body"]["status"])

    ada.token = ""
    assert command("START") == "READY"
    shown = ada.send(webterm, "GET", "/webterm")
    assert shown["status"] == "READY"
    assert shown["ticket"]
    query = {"q": json.dumps({"name": "ada-test-IPT"})}
    documents = agave.client("ada").get("/meta/v2/data", params=query).json()["result"]
    assert [(d["owner"], d["value"]["status"]) for d in documents] == [("ipt", "READY")]
    assert command("STOP") == "STOPPED"


@pytest.fixture(name="process")
def _process(tmp_path: Path) -> Iterator[Callable[[str, str], dict[str, Any]]]:
    """Yield what runs a function as its container does, on a served tenant."""
    path = tmp_path / "results.sock"
    with (
        served_agave(tmp_path / "data") as agave,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as results,
    ):
        results.bind(str(path))
        results.settimeout(30)
        agave.add_user("ada")
        agave.add_user("ipt")

        def call(package: str, message: str) -> dict[str, Any]:
            environment = Caller(agave, "ada").environment({}) | {
                "MSG": message,
                "_abaco_results_socket": str(path),
                "HTTP_PROXY": "http://127.0.0.1:1",
                "HOME": str(tmp_path),
            }
            done = subprocess.run(
                [sys.executable, "-m", package],
                env=environment | coverage_of(os.environ),
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert (done.returncode, done.stderr) == (0, "")
            frame = json.loads(results.recv(200_000))
            return {**frame, "log": done.stdout, "environment": environment}

        yield call


def coverage_of(environ: Any) -> dict[str, str]:
    """Return what lets a child's coverage be measured."""
    return {k: v for k, v in environ.items() if k.startswith("COVERAGE")}


def test_function_as_a_process(
    process: Callable[[str, str], dict[str, Any]],
) -> None:
    """A function answers in its own process, whatever the caller's environment says."""
    answer = process("functions.webterm", "{'method': 'GET', 'path': '/webterm'}")

    assert answer["status"] == 200, answer
    assert answer["body"]["status"] == "PENDING"
    line = json.loads(answer["log"])
    assert (line["event"], line["status"]) == ("answered", 200)
    assert answer["environment"]["_abaco_access_token"] not in answer["log"]


@pytest.mark.parametrize(
    "name",
    [
        *("admin", "auth_callback", "culler", "files", "job_submit", "jobs"),
        *("parallelize", "terminal", "webterm"),
    ],
)
def test_every_function_is_a_process(
    process: Callable[[str, str], dict[str, Any]], name: str
) -> None:
    """Every function runs as a module and refuses nonsense with exit code 0."""
    answer = process(f"functions.{name}", "nonsense")

    assert answer["status"] == 400
    assert urlsplit(answer["environment"]["_abaco_api_server"]).port
