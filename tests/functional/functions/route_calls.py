"""Calls every route of one function, with nothing but what its image would have.

    python -I route_calls.py NAME < {"configs": {…}, "modules": [names of libraries]}

It prints one JSON object: the library that is missing, if one is, and the calls, each
with route, status, the error's code and message.  `configs` are all that the function
is given; of the libraries that are installed here, it finds only those in `modules`.
"""

import dataclasses
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from iptweb.runtime import Platform
    from iptweb.testing import Answer, FunctionClient

    Drive = Callable[[FunctionClient], Iterator[Answer]]

OURS = {"iptweb", "ipt", "webterm", "sandbox", "sshlink", "functions"}
REQUEST = "request-0001"
COMPILE: dict[str, Any] = {
    "kind": "compile",
    "request_id": REQUEST,
    "system": "local",
    "command": "gcc",
    "source": "heat.c",
    "output": "heat",
}


class Wall(MetaPathFinder):
    """Hides the libraries that an image would not have.

    Args:
        allowed: top-level names of those that it has.
    """

    def __init__(self, allowed: Sequence[str]) -> None:
        self._hidden = packages_distributions().keys() - OURS - {*allowed}
        self._hidden -= {"agave_deploy", "agave_local", "setuptools", "pkg_resources"}

    def find_spec(self, name: str, *_: Any) -> None:
        """Refuse a hidden one; leave all others to those who come next."""
        if name.partition(".")[0] in self._hidden:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)


def drive_auth_callback(client: "FunctionClient") -> Iterator["Answer"]:
    """Sign in, refresh, sign out."""
    begun = client.get("/authorize")
    yield begun
    state = begun.body.get("state", "")
    code = client.oauth.give_code("ada")
    done = client.post("/sessions", code=code, state=state)
    yield done
    session = done.body.get("session", "none")
    yield client.post("/sessions/refresh", session=session)
    yield client.request("DELETE", "/sessions", body={"session": session})


def drive_terminal(client: "FunctionClient") -> Iterator["Answer"]:
    """Send all commands, to hosts that are asked for real."""
    for command in ("START", "SYNC", "STOP", "RESTART"):
        yield client.post("/terminals", command=command)
    client.username = "grace"
    yield client.post("/terminals", command="SWEEP")


def drive_webterm(client: "FunctionClient") -> Iterator["Answer"]:
    """Ask for no terminal, and for a ready one."""
    yield client.get("/webterm")
    name = "ada-test-IPT"
    record = {"name": name, "user": "ada", "status": "READY", "url": "ws://h:1/"}
    client.tenant.as_user("ipt").add_metadata(name, {**record, "launch": "l"})
    yield client.get("/webterm", origin="http://127.0.0.1:8080")


def drive_culler(client: "FunctionClient") -> Iterator["Answer"]:
    """Sweep, as the service account."""
    client.tenant.actors["test-terminal"] = lambda *_: {"status": 200, "body": {}}
    client.username = "ipt"
    yield client.post("/sweep")


def drive_job_submit(client: "FunctionClient") -> Iterator["Answer"]:
    """Look, preview, submit."""
    yield client.get("/systems")
    yield client.post("/jobs/preview", **COMPILE)
    yield client.post("/jobs", **COMPILE)


def drive_jobs(client: "FunctionClient") -> Iterator["Answer"]:
    """Look at a job in every way, do it again, delete it."""
    document = {
        "name": "ipt-compile-request-1",
        "appId": "ipt-build-local-0.1.0",
        "executionSystem": "ipt.local",
        "archivePath": "ada/jobs/2027-01-15/compile-local-request-1",
        "inputs": {"driver": ["agave://ipt.storage/ada/heat.c"]},
        "parameters": {"command": "gcc", "output": "heat"},
    }
    job = str(client.tenant.as_user("ada").submit_job(document)["id"])
    yield client.get("/jobs")
    yield client.post(f"/jobs/{job}/cancel")
    client.tenant.jobs[job]["status"] = "FINISHED"
    client.tenant.outputs[job] = {"ipt.err": b"heat.c:1:1: error: no\n"}
    yield client.get(f"/jobs/{job}")
    for view in ("text", "diagnostics", "comparison"):
        yield client.get(f"/jobs/{job}/{view}")
    yield client.post(f"/jobs/{job}/resubmit", request_id=REQUEST)
    yield client.request("DELETE", f"/jobs/{job}")


def drive_files(client: "FunctionClient") -> Iterator["Answer"]:
    """Do everything with a file."""
    yield client.get("/files")
    yield client.post("/folders", path="new")
    yield client.post("/files/rename", path="heat.c", name="warm.c")
    yield client.request("DELETE", "/files", query={"path": "warm.c"})
    yield client.post("/uploads", path="", name="a.c", size=3)
    yield client.get("/downloads", path="src/a.c")


def drive_admin(client: "FunctionClient") -> Iterator["Answer"]:
    """Ask for everything, as an administrator."""
    client.username = "grace"
    client.token = client.tenant.give_token("grace")
    client.tenant.actors["test-terminal"] = lambda *_: {"status": 200, "body": {}}
    for number, route in enumerate(client.app.routes()):
        path = route.path.replace("<user>", "ada").replace("<name>", "far")
        path = path.replace("<command>", "sync")
        body = {"request_id": f"request-{number:04}"}
        yield client.request(route.method, path, body=body)


def drive_parallelize(client: "FunctionClient") -> Iterator["Answer"]:
    """Have the engine work on a program of the message, and on one of the home."""
    loop = "for (int i = 0; i < 8; i++) a[i] = i;"
    program = f"int a[8];\nint main(void) {{\n  {loop}\n  return 0;\n}}\n"
    client.tenant.files["ada/loop.c"] = program.encode()
    yield client.get("/models")
    for path in ("/analyze", "/parallelize"):
        yield client.post(path, sources={"loop.c": program})
        yield client.post(path, paths=["loop.c"])


def load(name: str) -> "ModuleType":
    """Import a function."""
    return importlib.import_module(f"functions.{name}.app")


def drive(name: str, configs: Mapping[str, str]) -> list[list[Any]]:
    """Call all routes of a function that was given some configs."""
    from iptweb.runtime import Platform  # noqa: PLC0415 - only behind the wall
    from iptweb.testing import FakeTenant, FunctionClient  # noqa: PLC0415 - as above

    class Client(FunctionClient):
        """Notes what is called; its hosts are chosen as in an actor."""

        asked: tuple[str, str] = ("", "")

        def request(self, method: str, path: str, **more: Any) -> "Answer":
            """Send a message."""
            self.asked = (method, path)
            return super().request(method, path, **more)

        def _platform(self) -> "Platform":
            platform = super()._platform()
            return dataclasses.replace(platform, choose_host=Platform().choose_host)

    tenant = FakeTenant()
    tenant.files |= {
        "ada": None,
        "ada/heat.c": b"",
        "ada/src": None,
        "ada/src/a.c": b"",
    }
    client = Client(load(name).app, tenant, configs=dict(configs))
    make: Drive = globals()[f"drive_{name}"]

    def drive_all() -> Iterator["Answer"]:
        yield from make(client)
        yield client.get("/schema")

    return [
        [
            *client.asked,
            answer.status,
            answer.code,
            answer.message if answer.code else "",
        ]
        for answer in drive_all()
    ]


def main(name: str) -> dict[str, Any]:
    """Do all that standard input says; return what came of it."""
    order = json.load(sys.stdin)
    sys.meta_path.insert(0, Wall(order["modules"]))
    try:
        load(name)
        calls = drive(name, order["configs"])
        lacking = {
            config: drive(
                name, {key: v for key, v in order["configs"].items() if key != config}
            )
            for config in order["configs"]
        }
    except ModuleNotFoundError as error:
        return {"missing": error.name}
    return {"missing": "", "calls": calls, "lacking": lacking}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
