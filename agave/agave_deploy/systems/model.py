"""A system as its file describes it: frozen values, checked already.

One file stands for two systems of the tenant (one to compile on, one to run on), four
apps, and one entry of the functions' settings (docs/architecture.md 5.4).
"""

from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = [
    "KINDS",
    "Apps",
    "Compiler",
    "Folders",
    "Limits",
    "Login",
    "Module",
    "Preset",
    "Queue",
    "SystemEntry",
]

# The kinds of programs that presets and compilers are for.
KINDS: Final = ("serial", "openmp", "mpi", "hybrid", "cuda")


@dataclass(frozen=True)
class Login:
    """How the tenant gets to a system.

    Attributes:
        protocol: `LOCAL` is the tenant's own machine.
        host: of SSH.
        port: of SSH.
        user: the account there.
        host_key: the one public key that the host may show.
        credential: name of the secret that is the private key.
    """

    protocol: Literal["LOCAL", "SSH"]
    host: str = "localhost"
    port: int = 0
    user: str = ""
    host_key: str = ""
    credential: str = ""


@dataclass(frozen=True)
class Folders:
    """Absolute folders on the machine; empty where the tenant chooses.

    `{account}` in one stands for the account that jobs are signed in as.
    """

    work: str = ""
    scratch: str = ""
    home: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Those that are given, each once, the one that jobs use first."""
        return tuple(dict.fromkeys(filter(None, (self.scratch, self.work, self.home))))


@dataclass(frozen=True)
class Apps:
    """Ids of the four apps of a system."""

    build: str
    run: str
    build_run: str
    compare: str


@dataclass(frozen=True)
class Module:
    """A module that the forms suggest."""

    name: str
    label: str


@dataclass(frozen=True)
class Compiler:
    """A compile command that the forms suggest."""

    label: str
    command: str
    purpose: str
    language: str


@dataclass(frozen=True)
class Preset:
    """What the forms are filled in with for one kind of program."""

    name: str
    label: str
    compile: str
    launcher: str
    ranks: int
    threads: int
    nodes: int

    @property
    def processors(self) -> int:
        """The processors that it needs on each node."""
        return -(-self.ranks // self.nodes) * self.threads


@dataclass(frozen=True)
class Queue:
    """A queue of the run system.

    Attributes:
        name: for people and jobs.
        mapped_name: the scheduler's own name, where it is another one.
        description: for people.
        default: whether jobs go there that name none; one queue does.
        max_nodes: of one job.
        max_processors: of one job, on each node.
        max_run_time: of one job, HH:MM:SS.
        max_memory: of one job, on each node, such as `8GB`; empty for no limit.
        max_jobs: at once, of everybody; None for no limit.
        max_user_jobs: at once, of one user; None for no limit.
        directives: options that each job's `sbatch` gets.
    """

    name: str
    mapped_name: str
    description: str
    default: bool
    max_nodes: int
    max_processors: int
    max_run_time: str
    max_memory: str
    max_jobs: int | None
    max_user_jobs: int | None
    directives: str


@dataclass(frozen=True)
class Limits:
    """Most jobs at once on one system."""

    system_jobs: int = 100
    user_jobs: int = 20


@dataclass(frozen=True)
class SystemEntry:
    """One place to compile and run on; see the module."""

    name: str
    label: str
    description: str
    historical: bool
    scheduler: Literal["FORK", "SLURM"]
    build_scheduler: Literal["FORK", "SLURM"]
    login: Login
    folders: Folders
    version: str
    apps: Apps
    modules: bool
    suggested_modules: tuple[Module, ...]
    compilers: tuple[Compiler, ...]
    launchers: tuple[str, ...]
    presets: tuple[Preset, ...]
    queues: tuple[Queue, ...]
    limits: Limits = field(default_factory=Limits)
    environment: str = ""
    startup_script: str = ""

    @property
    def build_system(self) -> str:
        """Id of the system that compiles."""
        return f"ipt.build.{self.name}"

    @property
    def run_system(self) -> str:
        """Id of the system that runs."""
        return f"ipt.run.{self.name}"

    @property
    def default_queue(self) -> Queue:
        """The queue of jobs that name none."""
        return next(queue for queue in self.queues if queue.default)
