"""Start to prompt: from `launch` in a process that has launched nothing yet."""

import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.terminals.sides import PROMPT, Ours, Side, Way, open_new
from bench.terminals.viewers import BareViewer, read_until
from iptweb.terminals.host import Host, LaunchRequest, SandboxHost
from sandbox import Bind, Sandbox, system_mounts

HOME = Path("/home/ipt")
_PATH = "/usr/local/bin:/usr/bin:/bin"


class HostPlan(Protocol):
    """What makes a host, in any process."""

    def make(self) -> Host:
        """Return the host."""
        ...


@dataclass(frozen=True)
class SandboxPlan:
    """The host that needs bubblewrap alone.

    Attributes:
        run_dir: Where its run-time folders are.
    """

    run_dir: Path

    def make(self) -> Host:
        """Return the host."""
        return SandboxHost(self.run_dir, python=Path(sys.executable))


@dataclass(frozen=True)
class Start:
    """One start, in milliseconds.

    Attributes:
        launched: Until the host said that it runs.
        prompt: Until its first prompt was here.
    """

    launched: float
    prompt: float


def measure_start(ours: Ours, plan: HostPlan) -> Start:
    """Start a terminal from a fresh process, and end it.

    Args:
        ours: Whose terminal it is.
        plan: What makes the same host.
    """
    request = ours.request()
    ticket = ours.ticket(request.name, request.launch)
    context = multiprocessing.get_context("spawn")
    try:
        with context.Pool(1) as pool:
            return pool.apply(start_once, (plan, request, ticket))
    finally:
        ours.stop(request.name)


def start_once(plan: HostPlan, request: LaunchRequest, ticket: str) -> Start:
    """Start a terminal and wait for its first prompt."""
    host = plan.make()
    began = time.perf_counter()
    terminal = host.launch(request)
    launched = time.perf_counter()
    viewer = Way(terminal.url, ticket).open()
    read_until(viewer, PROMPT)
    prompt = time.perf_counter()
    viewer.close()
    return Start(1000 * (launched - began), 1000 * (prompt - began))


def measure_sandbox(home: Path) -> float:
    """Return the milliseconds to the prompt of a bare shell in a bare sandbox.

    Args:
        home: Its home, with the prompt that is waited for.
    """
    mounts = (*system_mounts(), Bind(home, HOME, writable=True))
    box = Sandbox(mounts=mounts, env={"PATH": _PATH, "HOME": str(HOME)})
    return time_program(box.command(["/bin/bash", "--rcfile", f"{HOME}/.bashrc", "-i"]))


def measure_new(side: Side) -> float:
    """Return the milliseconds to the prompt where the server runs already."""
    began = time.perf_counter()
    viewer = open_new(side)
    taken = 1000 * (time.perf_counter() - began)
    viewer.close()
    return taken


def time_program(command: list[str], env: dict[str, str] | None = None) -> float:
    """Return the milliseconds from a program's start on a pty to its prompt."""
    began = time.perf_counter()
    viewer = BareViewer(command, {**os.environ, **(env or {})}, "/")
    try:
        read_until(viewer, PROMPT)
        return 1000 * (time.perf_counter() - began)
    finally:
        viewer.finish()
