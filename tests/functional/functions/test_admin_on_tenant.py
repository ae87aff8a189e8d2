"""The function `admin` as an actor of the local tenant, beside a real `terminal`."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.testing import LocalAgave, in_process_agave, served_agave
from functions.admin import app as admin
from functions.job_submit import app as job_submit
from iptweb.testing import make_settings

from .test_local_tenant import SOURCE, Caller, register, sign_in, upload

TRANSPORTS = {"in_process": in_process_agave, "served": served_agave}
IMAGES = {"ipt/admin": "functions.admin", "ipt/terminal": "functions.terminal"}
FIRST = {"request_id": "request-x1"}


class Instance:
    """An instance with the two functions and an administrator named grace.

    Args:
        agave: The tenant.
    """

    def __init__(self, agave: LocalAgave) -> None:
        self.agave = agave
        self._ipt = agave.client("ipt")

    def install(self, **settings: Any) -> None:
        """Register the functions, as the deployer does."""
        for name in ("admin", "terminal"):
            body = {"image": f"ipt/{name}", "name": f"ipt-{name}", "token": True}
            made = self._ipt.post("/actors/v2", json=body).json()["result"]["id"]
            alias = {"alias": f"test-{name}", "actorId": made}
            assert self._ipt.post("/actors/v2/aliases", json=alias).ok
        for name in ("grace", "ada"):
            grant = {"user": name, "level": "EXECUTE"}
            for kind in ("", "aliases/"):
                path = f"/actors/v2/{kind}test-admin/permissions"
                assert self._ipt.post(path, json=grant).ok
        config = {
            "name": "test-settings",
            "value": json.dumps(make_settings(**settings)),
            "isSecret": False,
            "actors": "test-admin,test-terminal",
        }
        assert self._ipt.post("/actors/v2/configs", json=config).ok

    def send(
        self, method: str, path: str, *, user: str = "grace", **more: Any
    ) -> dict[str, Any]:
        """Send a message to `admin` and return the frame of its answer."""
        answer = self.agave.client(user).post(
            "/actors/v2/test-admin/messages",
            params={"_abaco_synchronous": "true"},
            json={"method": method, "path": path, **more},
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def body(self, method: str, path: str, **more: Any) -> Any:
        """Send a message and return the body of a success."""
        frame = self.send(method, path, **more)
        assert frame["status"] == 200, frame
        return frame["body"]

    def start(self, user: str) -> dict[str, Any]:
        """Have somebody press Start."""
        frame = self.agave.client("ipt").post(
            "/actors/v2/test-terminal/messages",
            params={"_abaco_synchronous": "true"},
            json={"command": "START", "user_name": user},
        )
        return dict(frame.json()["body"])

    def documents(self, name: str) -> list[dict[str, Any]]:
        """Return the service account's documents of a name."""
        query = {"q": json.dumps({"name": name})}
        return list(self._ipt.get("/meta/v2/data", params=query).json()["result"])


@pytest.fixture(name="instance", params=list(TRANSPORTS))
def _instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    with TRANSPORTS[request.param](tmp_path / "data", images=IMAGES) as agave:
        for name in ("ipt", "grace", "ada"):
            agave.add_user(name)
        yield Instance(agave)


def test_terminal_s_life(instance: Instance) -> None:
    """Started, listed, stopped, deleted, and all of it on record: each once."""
    instance.install(call_actor=False)

    started = instance.body("POST", "/terminals/ada/start", body=FIRST)
    assert instance.body("POST", "/terminals/ada/start", body=FIRST) == started
    (row,) = instance.body("GET", "/terminals", query={"search": "ada"})["terminals"]
    refused = instance.send(
        "DELETE", "/terminals/ada/record", body={"request_id": "request-x2"}
    )
    instance.body("POST", "/terminals/ada/stop", body={"request_id": "request-x3"})
    gone = instance.body(
        "DELETE", "/terminals/ada/record", body={"request_id": "request-x4"}
    )

    assert (started["status"], row["status"]) == ("SUBMITTED", "SUBMITTED")
    assert (refused["status"], gone["deleted"]) == (409, True)
    assert instance.documents("ada-test-IPT") == []
    entries = instance.body("GET", "/audit")["entries"]
    assert [(entry["action"], entry["result"]) for entry in entries] == [
        ("delete-record", "done"),
        ("stop", "done"),
        ("delete-record", "refused"),
        ("start", "done"),
    ]
    assert len(instance.documents("ipt-test-audit")) == 8


def test_deliveries_at_once(instance: Instance) -> None:
    """The same message in three workers at once is one action."""
    instance.install(call_actor=False)
    frames: list[dict[str, Any]] = []

    def send() -> None:
        frames.append(instance.send("POST", "/terminals/ada/start", body=FIRST))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {frame["status"] for frame in frames} == {200}
    assert len({frame["body"]["launch"] for frame in frames}) == 1
    assert len(instance.documents("ipt-test-audit")) == 2
    claims = f"ipt-test-claim-admin-{frames[0]['body']['audit_id']}"
    assert instance.documents(claims) == []


def test_drained_machine(instance: Instance) -> None:
    """Who presses Start waits in line, and nothing is started."""
    instance.install()

    drained = instance.body("POST", "/hosts/this-machine/drain", body=FIRST)
    waiting = instance.start("ada")

    assert drained["drained_by"] == "grace"
    assert (waiting["status"], waiting["position"]) == ("PENDING", 1)
    assert "taken out of service" in waiting["message"]
    body = {"request_id": "request-x2"}
    instance.body("POST", "/hosts/this-machine/undrain", body=body)
    assert instance.documents("ipt-test-drain") == []


def test_others(instance: Instance) -> None:
    """Even who may send to the actor is refused; who may not does not reach it."""
    instance.install()

    frame = instance.send("GET", "/terminals", user="ada")
    assert (frame["status"], frame["body"]["error"]["code"]) == (403, "forbidden")
    message = {"method": "GET", "path": "/terminals"}
    bob = instance.agave.client("bob")
    answer = bob.post("/actors/v2/test-admin/messages", json=message)
    assert answer.status_code == 400
    # The service account owns the actor, and is no administrator.
    assert instance.send("GET", "/audit", user="ipt")["status"] == 403


def test_jobs(instance: Instance) -> None:
    """A job that somebody submits is listed with its state, which the tenant tells."""
    agave = instance.agave
    register(agave)
    ada = Caller(agave, "ada", sign_in(agave)["access_token"])
    upload(ada, "", "hello.c", SOURCE)
    body = {
        "kind": "compile",
        "request_id": "request-0001",
        "system": "local",
        "command": "gcc",
        "source": "hello.c",
        "output": "hello",
    }
    made = ada.send(job_submit, "POST", "/jobs", body=body)

    listed = Caller(agave, "grace", configs=ada.configs).send(admin, "GET", "/jobs")

    (job,) = listed["jobs"]
    assert (job["id"], job["user"], job["kind"]) == (made["id"], "ada", "compile")
    assert job["status"]
    assert (job["system"], listed["complete"]) == ("local", True)
    assert agave.client("bob").get(f"/jobs/v2/{made['id']}").status_code in {403, 404}
