"""Tenants whose jobs run on real machines, for tests: what a job's owner sees.

Three ways lead to a machine: Slurm over SSH, Slurm of this machine, and processes
over SSH.  What a test asks of a job it asks over HTTP, as its owner.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agave_local.handle import Caller, LocalAgave
from agave_local.services.jobs.remote.testing import wait_until
from agave_local.services.jobs.remote.watch import Pace
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import SERVICE, STORAGE, add_storage
from agave_local.tenant import Tenant
from agave_local.testing import served_agave
from sshlink.testing import SshServer

SLURM_SSH, SLURM_HERE, FORK_SSH = "slurm-ssh", "slurm-here", "fork-ssh"
SLURM_WAYS, SSH_WAYS = (SLURM_SSH, SLURM_HERE), (SLURM_SSH, FORK_SSH)
WAYS = (SLURM_SSH, SLURM_HERE, FORK_SSH)
# The queue in which jobs share the few processors of a machine.
CROWDED = "shared"
OWNER = "anna"
BRISK = Pace(look=0.05, idle_look=0.2, ask=0.3, idle_ask=0.5, grace=2.0, trouble=0.2)
PATIENCE_SECONDS = 40.0
_LOOK_SECONDS = 0.03
_HOME = f"/files/v2/media/system/{STORAGE}/{OWNER}"
_PARAMETERS = ({"id": "script", "value": {"type": "string", "required": True}},)
_INPUTS = ({"id": "files", "semantics": {"maxCardinality": -1}},)


def over_ssh(server: SshServer) -> dict[str, Any]:
    """Return the part of a system's description that leads over a server."""
    auth = {
        "type": "SSHKEYS",
        "username": server.user,
        "publicKey": "-",
        "privateKey": server.key,
    }
    login = {"host": "127.0.0.1", "port": server.port, "hostKey": server.host_key}
    return {"login": {**login, "protocol": "SSH", "auth": auth}}


def queue(name: str, **more: Any) -> dict[str, Any]:
    """Return a queue whose limits are wide: the scheduler has its own."""
    return {
        "name": name,
        "default": name == "normal",
        "maxNodes": 4,
        "maxProcessorsPerNode": 64,
        "maxRequestedTime": "100:00:00",
        "maxMemoryPerNode": "1GB",
        **more,
    }


QUEUES = [queue(name) for name in ("normal", "shared", "debug", "closed")]


@dataclass
class Scene:
    """A tenant, and somebody who has jobs run on a machine.

    Attributes:
        agave: the tenant.
        owner: of the jobs.
        system: that leads to the machine; its app runs a script.
        base: the folder of the jobs on the machine.
    """

    agave: LocalAgave
    owner: Caller
    system: str
    base: Path

    def upload(self, name: str, content: bytes | str) -> str:
        """Put a file in the owner's home; return its address."""
        sent = {"fileToUpload": (name, content)}
        self.owner.post(_HOME, files=sent).raise_for_status()
        return f"agave://{STORAGE}/{OWNER}/{name}"

    def ask(self, script: str = "", **more: Any) -> Any:
        """Ask for a job that runs a script; return the answer."""
        body: dict[str, Any] = {
            "name": "job",
            "appId": f"{self.system}-app-1.0",
            "archivePath": f"{OWNER}/out/${{JOB_ID}}",
            **more,
        }
        if script:
            body["parameters"] = {"script": script}
        return self.owner.post("/jobs/v2", json=body)

    def submit(self, script: str = "", **more: Any) -> str:
        """Submit a job that runs a script; return its id."""
        return str(_result(self.ask(script, **more))["id"])

    def get(self, job_id: str) -> dict[str, Any]:
        """Return a job as its owner sees it."""
        found: dict[str, Any] = _result(self.owner.get(f"/jobs/v2/{job_id}"))
        return found

    def history(self, job_id: str) -> list[str]:
        """Return what a job's history says, in its order."""
        return [event["description"] for event in self._events(job_id)]

    def statuses(self, job_id: str) -> list[str]:
        """Return the states that a job has been in, each change once."""
        found = [event["status"] for event in self._events(job_id)]
        return [
            status
            for before, status in zip(["", *found], found, strict=False)
            if status != before
        ]

    def _events(self, job_id: str) -> list[dict[str, Any]]:
        answer = self.owner.get(f"/jobs/v2/{job_id}/history?limit=1000")
        found: list[dict[str, Any]] = _result(answer)
        return found

    def wait(
        self, job_id: str, *wanted: Status, seconds: float = PATIENCE_SECONDS
    ) -> dict[str, Any]:
        """Wait until a job has one of the states, or any that is the last.

        Raises:
            AssertionError: it takes too long.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = self.owner.get(f"/jobs/v2/{job_id}/status")
            status = Status(answer.json()["result"]["status"])
            if status in wanted or status.is_over:
                return self.get(job_id)
            time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"{self.get(job_id)} {self.history(job_id)}")

    def wait_until_told(self, job_id: str, words: str) -> None:
        """Wait until a job's history has some words."""
        until_true(lambda: any(words in said for said in self.history(job_id)))

    def stop(self, job_id: str) -> Any:
        """Ask for the end of a job; return the answer."""
        return self.owner.post(f"/jobs/v2/{job_id}", json={"action": "stop"})

    def read(self, job_id: str, path: str) -> bytes:
        """Return what is in an output of a job."""
        answer = self.owner.get(f"/jobs/v2/{job_id}/outputs/media/{path}")
        answer.raise_for_status()
        return bytes(answer.content)

    def outputs(self, job_id: str, path: str = "") -> set[str]:
        """Return the paths of what is in a folder of a job."""
        address = f"/jobs/v2/{job_id}/outputs/listings/{path}?limit=9999"
        return {item["path"] for item in _result(self.owner.get(address))}

    def archived(self, job_id: str, path: str) -> int:
        """Return how many files a folder of a job's archive has; 0 without one."""
        address = f"/files/v2/listings/system/{STORAGE}/{OWNER}/out/{job_id}/{path}"
        answer = self.owner.get(f"{address}?limit=9999")
        return len(_result(answer)) - 1 if answer.ok else 0

    def left(self, job_id: str = "") -> list[str]:
        """Return the files that jobs, or one of them, have left on the machine."""
        # It says nothing of folders that are gone meanwhile.
        found = (
            os.path.relpath(Path(folder) / name, self.base)
            for folder, _, names in os.walk(self.base)
            for name in names
        )
        return sorted(path for path in found if job_id in path)

    def wait_until_tidy(self, job_id: str = "") -> None:
        """Wait until jobs, or one of them, have left nothing on the machine."""
        until_true(lambda: not self.left(job_id))


def _result(answer: Any) -> Any:
    answer.raise_for_status()
    return answer.json()["result"]


def until_true(condition: Callable[[], object]) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it takes too long.
    """
    wait_until(condition, PATIENCE_SECONDS)


@contextmanager
def scenes(
    data: Path, systems: Mapping[str, Mapping[str, Any]], **settings: Any
) -> Iterator[dict[str, Scene]]:
    """Serve a tenant whose jobs run on the machines that systems lead to.

    Args:
        data: of the tenant; what is registered there already stays as it is.
        systems: fields of their descriptions; `workDir` is made.
        settings: of the tenant.
    """
    with served_agave(data, **{"job_pace": BRISK, **settings}) as agave:
        if agave.tenant.store.get("system", STORAGE) is None:
            add_storage(agave.tenant)
        for name, fields in systems.items():
            if agave.tenant.store.get("system", name) is None:
                _register(agave.tenant, name, fields)
        owner = agave.client(OWNER)
        yield {
            name: Scene(agave, owner, name, Path(fields["workDir"]))
            for name, fields in systems.items()
        }


def _register(tenant: Tenant, name: str, fields: Mapping[str, Any]) -> None:
    """Register a system, and an app that runs a script there, for everybody."""
    Path(fields["workDir"]).mkdir(exist_ok=True)
    body = {
        "id": name,
        "name": name,
        "type": "EXECUTION",
        "executionType": "HPC",
        "storage": {"host": "localhost", "protocol": "LOCAL"},
        "queues": QUEUES,
    }
    tenant.systems.add(SERVICE, {**body, **fields})
    tenant.systems.set_public(SERVICE, name, public=True)
    folder = tenant.settings.data / "storage" / STORAGE / "apps" / name
    folder.mkdir(parents=True)
    (folder / "wrapper.sh").write_text("${script}\n", encoding="utf-8")
    app = {
        "name": f"{name}-app",
        "version": "1.0",
        "executionSystem": name,
        "executionType": "HPC",
        "parallelism": "PARALLEL",
        "deploymentSystem": STORAGE,
        "deploymentPath": f"apps/{name}",
        "templatePath": "wrapper.sh",
        "testPath": "test.sh",
        "inputs": list(_INPUTS),
        "parameters": list(_PARAMETERS),
    }
    tenant.apps.add(SERVICE, app)
    tenant.store.update(
        "app", f"{name}-app-1.0", lambda found: {**found, "isPublic": True}
    )
