"""What a run of the benchmark has: the sides, how often, and what ends with it."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.terminals.processes import family, parent
from bench.terminals.report import Runs
from bench.terminals.sides import Floor, Ours, Side, Terminado, open_new, terminado
from bench.terminals.starting import SandboxPlan
from bench.terminals.viewers import Viewer
from iptweb.terminals.host.folder import TerminalFolder


@dataclass(frozen=True)
class Counts:
    """How often things are done.

    Attributes:
        rounds: Runs of which the median is told.
        starts: Of each side.
        keys: In each run.
        text: Size of the file, in bytes.
        texts: Turns with it.
        interrupts: In each run.
        stall_s: How long a client does not read.
        cuts: Of each side.
        attaches: Of each side.
        terminals: That are idle together.
        idle_s: For so long.
    """

    rounds: int = 5
    starts: int = 15
    keys: int = 200
    text: int = 100_000_000
    texts: int = 9
    interrupts: int = 20
    stall_s: float = 20.0
    cuts: int = 5
    attaches: int = 100
    terminals: int = 50
    idle_s: float = 30.0


QUICK = Counts(
    rounds=1,
    starts=3,
    keys=100,
    text=20_000_000,
    texts=3,
    interrupts=10,
    stall_s=3.0,
    cuts=1,
    attaches=20,
    terminals=5,
    idle_s=5.0,
)


@dataclass(frozen=True)
class Stage:
    """Where everything is measured.

    Attributes:
        counts: How often.
        folder: For files.
        plan: What makes our host.
        floor: Bare ptys.
        ours: Terminals of our sandbox host.
        terminado: Terminals of terminado.
    """

    counts: Counts
    folder: Path
    plan: SandboxPlan
    floor: Floor
    ours: Ours
    terminado: Terminado

    @property
    def sides(self) -> tuple[Side, Side, Side]:
        """All sides, in the order in which they take turns."""
        return self.floor, self.ours, self.terminado

    @contextmanager
    def viewers(self) -> Iterator[list[Viewer]]:
        """Open a terminal on each side; yield their viewers, each at its prompt."""
        viewers: list[Viewer] = []
        try:
            # One by one: those that were opened are closed if the next one fails.
            for side in self.sides:
                viewers.append(open_new(side))  # noqa: PERF401 - see above
            yield viewers
        finally:
            for viewer in viewers:
                viewer.close()

    def turns(
        self,
        viewers: Sequence[Viewer],
        act: Callable[[Viewer], Sequence[float]],
        rounds: int = 0,
    ) -> tuple[Runs, Runs, Runs]:
        """Return what rounds of a measurement bring, the sides taking turns in each.

        Args:
            viewers: One of each side.
            act: The measurement.
            rounds: How many; as many as usual where 0.
        """
        floor, ours, peer = Runs(), Runs(), Runs()
        for _ in range(rounds or self.counts.rounds):
            for runs, viewer in zip((floor, ours, peer), viewers, strict=True):
                try:
                    runs.add(act(viewer))
                except TimeoutError as error:
                    who = type(viewer).__name__
                    raise TimeoutError(f"{who}: {error}") from error
        return floor, ours, peer

    def server(self, name: str) -> int:
        """Return the process that serves one of our terminals."""
        living = TerminalFolder(self.plan.run_dir, name).living()
        if living is None:
            raise RuntimeError(f"the terminal {name} does not live")
        return living.process.pid

    def our_processes(self) -> tuple[list[int], list[int]]:
        """Return our servers, and all processes there are for our terminals."""
        servers = [self.server(one.name) for one in self.ours.host.living()]
        # The sandbox's own process waits for the server.
        return servers, [pid for one in servers for pid in family(parent(one))]


@contextmanager
def stage(counts: Counts) -> Iterator[Stage]:
    """Make everything; end and remove it in the end."""
    with ExitStack() as opened:
        name = tempfile.TemporaryDirectory(prefix="bench-terminal-")
        folder = Path(opened.enter_context(name))
        bare = folder / "bare"
        bare.mkdir()
        plan = SandboxPlan(folder / "terminals")
        ours = Ours(plan.make(), folder / "homes", (os.getuid(), os.getgid()))
        opened.callback(ours.close)
        peer = opened.enter_context(terminado(bare))
        yield Stage(counts, folder, plan, Floor(bare), ours, peer)


def server_and_family(pid: int) -> tuple[list[int], list[int]]:
    """Return a server of several terminals, and all processes there are for them."""
    return [pid], family(pid)


def machine() -> dict[str, object]:
    """Return what the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": sys.version.split()[0],
        "kernel": os.uname().release,
    }
