"""What the tenant adds to a job: before it runs, after its end, and while it waits.

`python -m bench.jobs [--jobs N] [--crowd N] [--polled N]` starts a Slurm, an SSH server
and a tenant of its own.  For each way of running a job (a process of this machine,
Slurm of this machine, Slurm over SSH) it prints, as medians,

* from submitting to RUNNING, beside the bare way of starting the same script
  (`fork` and `exec`, `sbatch`) in the same run, and
* from the program's last act to FINISHED, beside the moment at which the bare way
  tells of the end (`wait`, `squeue`).

Then it queues a crowd of jobs at once and counts those that ended right, and measures
how much of a core the tenant needs to look after jobs that wait in Slurm's queue.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from agave_local.services.jobs.schedulers.testing import SlurmCluster, slurm_cluster
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    USER,
    add_app,
    add_execution,
    add_storage,
)
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from sshlink.testing import SshServer, run_ssh_server

PATIENCE_S = 600.0
# The program notes when it began and when it did its last act.
SCRIPT = "date +%s.%N > began; date +%s.%N > ended\n"
QUEUE = {
    "name": "normal",
    "default": True,
    "maxNodes": 1,
    "maxProcessorsPerNode": 64,
    "maxRequestedTime": "01:00:00",
}
Pairs = list[tuple[float, float]]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=15, help="of each kind")
    parser.add_argument("--crowd", type=int, default=200, help="queued at once")
    parser.add_argument("--polled", type=int, default=1000, help="that wait in a queue")
    given = parser.parse_args()
    with ExitStack() as stack:
        slurm = stack.enter_context(slurm_cluster())
        os.environ.update(slurm.env)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = stack.enter_context(run_ssh_server(home, slurm.env))
        over_ssh = _over_ssh(server, home / "jobs")
        print(f"{given.jobs} jobs each, medians in seconds, {os.cpu_count()} cores")
        print(f"{'':<24}{'to RUNNING':>12}{'bare':>8}{'to FINISHED':>14}{'bare':>8}")
        local: dict[str, Any] = {"login": {"host": "localhost", "protocol": "LOCAL"}}
        ways: list[tuple[str, dict[str, Any], Callable[[Path], Pairs]]] = [
            ("process", {"scheduler": "FORK", **local}, _bare_process(given.jobs)),
            ("Slurm", {"scheduler": "SLURM", **local}, _bare_slurm(slurm, given.jobs)),
            (
                "Slurm over SSH",
                {"scheduler": "SLURM", **over_ssh},
                _bare_slurm(slurm, given.jobs),
            ),
        ]
        for name, system, bare in ways:
            _compare(name, system, given.jobs, bare)
        with _tenant({"scheduler": "SLURM", **over_ssh}) as tenant:
            _crowd(tenant, given.crowd)
            _poll(tenant, slurm, given.polled)
    return 0


def _over_ssh(server: SshServer, folder: Path) -> dict[str, Any]:
    """Return the part of a system's description that leads over a server."""
    folder.mkdir()
    auth = {
        "type": "SSHKEYS",
        "username": server.user,
        "publicKey": "-",
        "privateKey": server.key,
    }
    login = {"host": "127.0.0.1", "port": server.port, "hostKey": server.host_key}
    return {
        "login": {**login, "protocol": "SSH", "auth": auth},
        "workDir": str(folder),
    }


@contextmanager
def _tenant(system: dict[str, Any]) -> Iterator[Tenant]:
    """Run a tenant whose only system is the one described."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        tenant = Tenant(TenantSettings(Path(folder) / "data", "http://127.0.0.1:1"))
        add_storage(tenant)
        add_execution(tenant, **{"queues": [QUEUE], **system})
        add_app(tenant, SCRIPT)
        tenant.jobs.start()
        try:
            yield tenant
        finally:
            tenant.jobs.stop()
            tenant.store.close()


def _submit(tenant: Tenant, **more: Any) -> str:
    body = {"name": "bench", "appId": "echo-1.0", **more}
    return str(tenant.jobs.submit(USER, body)["id"])


def _wait(tenant: Tenant, job_id: str, *wanted: Status) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        job = tenant.jobs.get(USER, job_id)
        if job["status"] in wanted or Status(job["status"]).is_over:
            return job
        time.sleep(0.005)
    raise SystemExit(f"a job is still {tenant.jobs.get(USER, job_id)['status']}")


def _compare(
    name: str, system: dict[str, Any], jobs: int, bare: Callable[[Path], Pairs]
) -> None:
    ours: Pairs = []
    with _tenant(system) as tenant:
        for number in range(jobs):
            path = f"anna/out/{number}"
            began = time.time()
            job_id = _submit(tenant, archivePath=path)
            job = _wait(tenant, job_id)
            if job["status"] != Status.FINISHED:
                raise SystemExit(f"a job failed: {job['message']}")
            times = {event["status"]: event["created"] for event in job["history"]}
            folder = tenant.settings.data / "storage" / "test.storage" / path
            last = float((folder / "ended").read_text("ascii"))
            ours.append((times["RUNNING"] - began, times["FINISHED"] - last))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder_name:
        floor = bare(Path(folder_name))
    to_running, to_finished = (
        statistics.median(one) for one in zip(*ours, strict=True)
    )
    bare_running, bare_end = (
        statistics.median(one) for one in zip(*floor, strict=True)
    )
    print(
        f"{name:<24}{to_running:>12.3f}{bare_running:>8.3f}"
        f"{to_finished:>14.3f}{bare_end:>8.3f}   above the floor: "
        f"{to_running - bare_running:.3f} and {to_finished - bare_end:.3f}"
    )
    sys.stdout.flush()


def _bare_process(number: int) -> Callable[[Path], Pairs]:
    def measure(folder: Path) -> Pairs:
        found = []
        for _ in range(number):
            began = time.time()
            subprocess.run(["/bin/bash", "-c", SCRIPT], cwd=folder, check=True)
            over = time.time()
            found.append(_read(folder, began, over))
        return found

    return measure


def _bare_slurm(slurm: SlurmCluster, number: int) -> Callable[[Path], Pairs]:
    def measure(folder: Path) -> Pairs:
        folder.chmod(0o755)
        found = []
        for _ in range(number):
            for name in ("began", "ended"):
                (folder / name).unlink(missing_ok=True)
            began = time.time()
            job = slurm.run(
                *("sbatch", "--parsable", "-D", str(folder), "-o", "/dev/null"),
                *("--wrap", SCRIPT),
            )
            while slurm.run("squeue", "-h", "-j", job, "-t", "PD,R,CG", "-o", "%i"):
                time.sleep(0.02)
            found.append(_read(folder, began, time.time()))
        return found

    return measure


def _read(folder: Path, began: float, over: float) -> tuple[float, float]:
    first, last = (
        float((folder / name).read_text("ascii")) for name in ("began", "ended")
    )
    return first - began, over - last


def _crowd(tenant: Tenant, number: int) -> None:
    began = time.monotonic()
    jobs = [_submit(tenant, archivePath=f"anna/crowd/{n}") for n in range(number)]
    accepted = time.monotonic() - began
    ended = [_wait(tenant, job_id)["status"] for job_id in jobs]
    took = time.monotonic() - began
    print(
        f"{number} jobs at once: accepted in {accepted:.1f} s, "
        f"{ended.count(Status.FINISHED)} FINISHED after {took:.1f} s"
    )
    sys.stdout.flush()


def _poll(tenant: Tenant, slurm: SlurmCluster, number: int) -> None:
    """Measure the tenant's processor time while jobs wait in Slurm's queue."""
    slurm.drain()
    jobs = [_submit(tenant, archivePath=f"anna/poll/{n}") for n in range(number)]
    until = time.monotonic() + PATIENCE_S
    while any(tenant.jobs.get(USER, job)["submitTime"] is None for job in jobs):
        if time.monotonic() > until:
            raise SystemExit("not all jobs came to the scheduler")
        time.sleep(0.5)
    for label, settle in (("just submitted", 5.0), ("after two minutes", 120.0)):
        time.sleep(settle)
        spent, began = time.process_time(), time.monotonic()
        time.sleep(30)
        share = (time.process_time() - spent) / (time.monotonic() - began)
        print(f"{number} jobs that wait, {label}: {share:.1%} of a core")
        sys.stdout.flush()
    for job_id in jobs:
        tenant.jobs.hide(USER, job_id)
    slurm.clear()
    slurm.resume()


if __name__ == "__main__":
    sys.exit(main())
