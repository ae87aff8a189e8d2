"""A function that is deployed anew while messages come in at a steady rate."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import docker
import pytest

from agave_deploy.bundle.models import Function, Manifest
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import SERVICE, Deployment
from agave_deploy.upkeep.redeploy import Redeployment
from agave_local.testing import PASSWORD, Caller, LocalAgave, served_agave

Deploy = Callable[..., Deployment]
EVERY_S = 0.05
PULSE = Function("pulse", "Tells which code it is.", configs=(), grants="members")
# Its code tells by its length which one it is: a file that changes within a second, and
# stays as long as it was, would not be compiled again.
CODE = "CODE = '{}'\n"
MAIN = """
import ast, json, os, socket, time
from pulse.app import CODE
first = [len(CODE), int(os.environ["_abaco_actor_revision"])]
time.sleep(0.02)
awaited = ast.literal_eval(os.environ["MSG"]).get("awaited")
while awaited and not os.path.exists(awaited):
    time.sleep(0.02)
from pulse import app
frame = [*first, len(app.CODE), os.environ["MSG"]]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as results:
    results.sendto(json.dumps(frame).encode(), os.environ["_abaco_results_socket"])
"""


@dataclass(frozen=True)
class Pulse:
    """The package of a function whose code is another one with each revision."""

    folder: Path

    def write(self, version: int) -> None:
        """Write the code of a version."""
        (self.folder / "pulse/app.py").write_text(CODE.format("x" * version), "utf-8")


@pytest.fixture(name="pulse")
def _pulse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulse:
    pulse = Pulse(tmp_path / "code")
    package = pulse.folder / "pulse"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "__main__.py").write_text(MAIN, "utf-8")
    pulse.write(1)
    monkeypatch.syspath_prepend(str(pulse.folder))
    return pulse


@pytest.fixture
def agave(tmp_path: Path, pulse: Pulse) -> Iterator[LocalAgave]:
    """Yield a tenant behind HTTP that runs two functions as programs."""
    del pulse
    images = {"ipt/pulse": "pulse", "ipt/webterm": "functions.webterm"}
    with served_agave(tmp_path / "data", images=images) as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


class Sender:
    """Sends messages at a steady rate, each of which waits for its answer.

    Args:
        caller: who sends them.
        alias: of the function.
        message: makes the body of each.
        every_s: seconds from one to the next.
    """

    def __init__(
        self,
        caller: Caller,
        alias: str,
        message: Callable[[int], dict[str, Any]],
        every_s: float = EVERY_S,
    ) -> None:
        self._caller = caller
        self._address = f"/actors/v2/{alias}/messages"
        self._message = message
        self._every_s = every_s
        self._end = threading.Event()
        # Abaco refuses who waits for an answer where more than three wait already.
        self._pool = ThreadPoolExecutor(4)
        self._sent: list[Future[Any]] = []
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._pool.shutdown()

    @property
    def number(self) -> int:
        """How many were sent by now."""
        return len(self._sent)

    def wait_for(self, more: int) -> None:
        """Wait until so many more were answered."""
        goal = self.number + more
        while sum(each.done() for each in list(self._sent)) < goal:
            time.sleep(EVERY_S / 2)

    def answers(self) -> list[Any]:
        """Return all answers, in the order in which they were asked for."""
        return [each.result() for each in self._sent]

    def _work(self) -> None:
        for number in itertools.count():
            self._sent.append(self._pool.submit(self._send, number))
            if self._end.wait(self._every_s):
                return

    def _send(self, number: int) -> Any:
        query = {"_abaco_synchronous": "true"}
        body = self._message(number)
        answer = self._caller.post(self._address, params=query, json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()


def redeployment(deployment: Deployment) -> Redeployment:
    """Return what redeploys, without a word."""
    client = deployment.sign_in()
    return Redeployment(client, deployment.profile, lambda _line: None)


def ended_executions(agave: LocalAgave, name: str) -> list[str]:
    """Return the ids of a function's executions, once all have ended."""
    path = f"/actors/v2/dev-{name}/executions"
    while True:
        found = agave.client("ipt").get(path).json()["result"]["executions"]
        if {each["status"] for each in found} == {"COMPLETE"}:
            return [each["id"] for each in found]
        time.sleep(EVERY_S)


def test_redeploy_under_load(
    agave: LocalAgave, profile: Profile, vault: Vault, manifest: Manifest, pulse: Pulse
) -> None:
    """No message is lost, and each runs as one revision with that one's code."""
    small = Manifest((PULSE,), manifest.systems, manifest.templates, manifest.site)
    deployment = Deployment(small, profile, vault)
    deployment.apply(lambda _line: None)
    redeploy = redeployment(deployment)
    ada = agave.client("ada")

    with Sender(ada, "dev-pulse", lambda number: {"number": number}) as sender:
        for revision in (2, 3, 4):
            sender.wait_for(8)
            pulse.write(revision)
            redeploy.redeploy(PULSE)
        sender.wait_for(8)

    answers = sender.answers()
    assert [each for each in answers if len(set(each[:3])) != 1] == []
    assert [each[3] for each in answers] == [
        str({"number": number}) for number in range(sender.number)
    ]
    assert {each[1] for each in answers} == {1, 2, 3, 4}
    assert len(ended_executions(agave, "pulse")) == sender.number


def test_redeploy_lets_an_execution_end(
    agave: LocalAgave, profile: Profile, vault: Vault, manifest: Manifest, pulse: Pulse
) -> None:
    """What runs while a new revision comes ends as the one that it began as."""
    small = Manifest((PULSE,), manifest.systems, manifest.templates, manifest.site)
    deployment = Deployment(small, profile, vault)
    deployment.apply(lambda _line: None)
    awaited, path = pulse.folder / "awaited", "/actors/v2/dev-pulse"
    ada = agave.client("ada")
    sent = ada.post(f"{path}/messages", json={"awaited": str(awaited)}).json()
    execution = f"{path}/executions/{sent['result']['executionId']}"
    while ada.get(execution).json()["result"]["status"] != "RUNNING":
        time.sleep(EVERY_S)

    pulse.write(2)
    redeployment(deployment).redeploy(PULSE)

    assert ada.get(execution).json()["result"]["status"] == "RUNNING"
    awaited.touch()
    ended_executions(agave, "pulse")
    assert ada.get(f"{execution}/results").json()[:3] == [1, 1, 1]


def test_redeploy_real_function_under_load(
    agave: LocalAgave, deploy: Deploy, profile: Profile, tmp_path: Path
) -> None:
    """A function of ours answers every message; its log tells by which revision."""
    settings = {**profile.settings, "terminal_home_root": str(tmp_path)}
    deployment = deploy(changed_profile=replace(profile, settings=settings))
    deployment.apply(lambda _line: None)
    function = deployment.function("webterm")
    redeploy = redeployment(deployment)
    ada = agave.client("ada")

    with Sender(ada, "dev-webterm", lambda _: {"path": "/webterm"}) as sender:
        sender.wait_for(3)
        redeploy.redeploy(function)
        sender.wait_for(3)

    check(agave, sender)


@pytest.mark.needs("podman")
def test_redeploy_containers_under_load(
    container_engine: str,
    function_images: Mapping[str, str],
    manifest: Manifest,
    tmp_path: Path,
) -> None:
    """The same in containers: a new image takes over, and no message is lost."""
    old = function_images["webterm"]
    repository, _, tag = old.rpartition(":")
    new = f"{repository}:{tag}-again"
    with closing(docker.DockerClient(container_engine)) as engine:
        assert engine.images.get(old).tag(repository, f"{tag}-again")
    function = next(each for each in manifest.functions if each.name == "webterm")
    storage = tuple(each for each in manifest.systems if not each.runs_jobs)
    small = Manifest((function,), storage, {}, manifest.site)
    with served_agave(
        tmp_path / "data",
        docker=container_engine,
        docker_network="host",
        docker_pulls=False,
    ) as agave:
        for name in ("ipt", "ada"):
            agave.add_user(name)
        profile = Profile(
            tenant=agave.base_url,
            instance="dev",
            service_account="ipt",
            secrets=tmp_path / "secrets",
            members=("ada",),
            admins=(),
            storage_system="ipt.storage",
            site_system="ipt.site",
            settings={
                "terminal_home_root": "/homes",
                "terminal_dir": "/run",
                "ipt_python": "/usr/bin/python3",
            },
        )
        vault = Vault(profile.secrets)
        vault.write(SERVICE, PASSWORD)
        deployment = Deployment(small, profile, vault, images={"webterm": old})
        deployment.apply(lambda _line: None)
        redeploy = redeployment(deployment)

        with Sender(
            agave.client("ada"), "dev-webterm", lambda _: {"path": "/webterm"}, 0.3
        ) as sender:
            sender.wait_for(2)
            redeploy.redeploy(function, new)
            sender.wait_for(2)

        check(agave, sender)
        actor = agave.client("ipt").get("/actors/v2/dev-webterm").json()["result"]
        assert actor["image"] == new


def check(agave: LocalAgave, sender: Sender) -> None:
    """Hold all answers of `webterm` against the executions, and these against logs."""
    assert {each["status"] for each in sender.answers()} == {200}
    found = ended_executions(agave, "webterm")
    path, ipt = "/actors/v2/dev-webterm/executions", agave.client("ipt")
    logs = [ipt.get(f"{path}/{each}/logs").json()["result"] for each in found]
    lines = [json.loads(each["logs"].splitlines()[-1]) for each in logs]
    assert {line["revision"] for line in lines} == {"1", "2"}
    assert len(found) == sender.number
