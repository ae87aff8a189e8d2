"""The local stack: the tenant as a process of its own, filled and looked after.

    build.sh up ─▶ Stack.start ─▶ agave-local serve (own session, log in <data>/log)
                               ─▶ Deployment.apply, through the public API
    Ctrl-C, down ─▶ Stack.stop ─▶ the tenant, then jobs and terminals left behind

Whatever is stopped was recorded with its time of start, or holds the tenant's lock, so
that nothing else is hit.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

import sandbox
from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.errors import StackError
from agave_deploy.local_stack.accounts import agave_local_program
from agave_deploy.local_stack.containers import stop_containers
from agave_deploy.local_stack.holder import find_holder
from agave_deploy.local_stack.job_containers import stop_job_containers
from agave_deploy.local_stack.jobs import stop_jobs
from agave_deploy.local_stack.local_profile import write_command
from agave_deploy.local_stack.own_images import read_own_images
from agave_deploy.local_stack.processes import Process, find_process, stop_process
from agave_deploy.local_stack.terminals import stop_terminals

__all__ = ["Running", "Stack"]

HOST = "127.0.0.1"
_START_PATIENCE_S = 30
_STOP_PATIENCE_S = 15
_PAUSE_S = 0.03
_LAST_LINES = 15
# The shell ends at once, so the tenant is nobody's child and lives on without us.
_DETACH = '"$@" >&2 & echo $!'


@dataclass(frozen=True)
class Running:
    """A tenant that runs.

    Attributes:
        process: of the tenant.
        port: that it listens on.
    """

    process: Process
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"


class Stack:
    """The tenant of one data folder; owns its pid file.

    Args:
        root: of the checkout.
        data: of the tenant.
        command: starts the tenant; without its options.
        why_no_sandbox: see `sandbox.available`.
        patience_s: how long it may take to answer.
    """

    def __init__(
        self,
        root: Path,
        data: Path,
        command: list[str] | None = None,
        patience_s: float = _START_PATIENCE_S,
        why_no_sandbox: Callable[[], str | None] = sandbox.available,
    ) -> None:
        self._patience_s = patience_s
        self._why_no_sandbox = why_no_sandbox
        self._root = root
        self._data = data
        self._command = command or [agave_local_program(), "serve"]
        self._pid_file = data / "run" / "tenant.json"
        self._lock_file = data / "run" / "tenant.lock"
        self.log = data / "log" / "tenant.log"

    def prepare(self) -> None:
        """Make the data folder, open to its owner alone."""
        for folder in (self._data, self._data / "run", self._data / "log"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def running(self) -> Running | None:
        """Return the tenant that runs; None also where its pid file is stale."""
        try:
            kept = json.loads(self._pid_file.read_text("utf-8"))
            process = Process(int(kept["pid"]), str(kept["start"]), str(kept["boot"]))
            found = Running(process, int(kept["port"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if process.is_alive() else None

    def warning(self) -> str | None:
        """Return what a person must know who has no sandbox here; None with one."""
        reason = self._why_no_sandbox()
        if reason is None:
            return None
        return (
            f"Nothing keeps programs apart here ({reason}): terminals and jobs run "
            "with your own rights, for one user at a time.  Use it alone."
        )

    def start(self, port: int, more: Sequence[str] = ()) -> Running:
        """Start the tenant and wait until it answers.

        Args:
            port: that it listens on.
            more: options that say what its jobs and its functions run in.

        Raises:
            StackError: The port is taken, the tenant ended, or there is one already
                of which the record is lost; says what to do.
        """
        holder = find_holder(self._lock_file)
        if holder is not None:
            raise StackError(
                f"The tenant of this data folder runs already (process {holder.pid}), "
                "but its record is lost. Stop it first: "
                + write_command(self._root, self._data, "down")
            )
        _check_port(port)
        images = self._data / "run" / "images.json"
        manifest = read_manifest(self._root)
        table = read_own_images(self._data) | dict(manifest.images)
        images.write_text(json.dumps(table, indent=2), "utf-8")
        options = ["--data", str(self._data), "--port", str(port), *more]
        if self.warning() is not None:
            options.append("--unconfined-jobs")
        command = [*self._command, *options, "--images", str(images)]
        with self.log.open("ab") as log:
            shell = subprocess.run(
                ["/bin/sh", "-c", _DETACH, "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._root,
                env=_clean_environment(),
                start_new_session=True,  # Ctrl-C reaches us alone; we stop it in order
                check=True,
            )
        process = find_process(int(shell.stdout))
        if process is None:
            raise StackError(f"The tenant ended at once.\n{self._last_lines()}")
        started = Running(process, port)
        self._remember(started)
        self._wait_ready(started)
        return started

    def stop(self, say: Callable[[str], None]) -> bool:
        """Stop the tenant, and jobs and terminals that it left behind.

        Returns:
            Whether there was anything to stop.

        Raises:
            StackError: Something is still there.
        """
        running = self.running()
        tenant = running.process if running else find_holder(self._lock_file)
        if tenant is not None:
            say(f"stopping the tenant (process {tenant.pid})")
            if not stop_process(tenant, _STOP_PATIENCE_S) and tenant.is_alive():
                raise StackError(f"Process {tenant.pid} does not end.")
        self._pid_file.unlink(missing_ok=True)
        jobs = self._data / "jobs"
        left = [
            f"job {job}" for job in (*stop_jobs(jobs), *stop_job_containers(jobs, say))
        ]
        left += [
            f"terminal {name}" for name in stop_terminals(self._data / "terminals")
        ]
        left += [
            f"terminal {name}" for name in stop_containers(self._data / "run", say)
        ]
        for what in left:
            say(f"stopped the {what}")
        return tenant is not None or bool(left)

    def _remember(self, running: Running) -> None:
        kept = {
            "pid": running.process.pid,
            "start": running.process.start,
            "boot": running.process.boot,
            "port": running.port,
        }
        draft = self._pid_file.with_suffix(".new")
        draft.write_text(json.dumps(kept), "utf-8")
        draft.replace(self._pid_file)

    def _wait_ready(self, running: Running) -> None:
        session = requests.Session()
        session.trust_env = False
        deadline = time.monotonic() + self._patience_s
        while time.monotonic() < deadline:
            if not running.process.is_alive():
                self._pid_file.unlink(missing_ok=True)
                raise StackError(f"The tenant ended at once.\n{self._last_lines()}")
            try:
                if session.get(f"{running.url}/ready", timeout=2).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(_PAUSE_S)
        stop_process(running.process, _STOP_PATIENCE_S)
        self._pid_file.unlink(missing_ok=True)
        raise StackError(
            f"The tenant was not ready after {self._patience_s:g} s.\n"
            + self._last_lines()
        )

    def _last_lines(self) -> str:
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return "\n".join(f"  {line}" for line in lines[-_LAST_LINES:])


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StackError(
                f"Port {port} can't be used ({error.strerror}); another program may "
                f"listen on it. Choose another one: --port {port + 1}"
            ) from error


def _clean_environment() -> dict[str, str]:
    """Return what the tenant needs of our environment; no secret of the shell's."""
    wanted = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SLURM_CONF")
    return {name: os.environ[name] for name in wanted if name in os.environ}
