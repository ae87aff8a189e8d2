"""One sandbox as a value, and the command line that it stands for."""

import resource
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .mounts import ROOT, Mount, Tmpfs, proc_mounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GIB = 1 << 30
# What it takes to become another user, and to give up the rest.
ROOT_KEEPS = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")


def read_hard_limit(name: str) -> int:
    """Return the most that this process may ask for, e.g. of `nofile`."""
    return resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]


@dataclass(frozen=True)
class Limits:
    """Limits of each process in a sandbox; None leaves the machine's own.

    The number of processes is counted per user: it does not hold for a sandbox
    whose programs are root's, since the kernel exempts root from it.

    Attributes:
        file_bytes: Size of one file.
        open_files: Open files.
        processes: Processes and threads.
        memory_bytes: Address space.
        cpu_seconds: Processor time of one process.
        data_bytes: What it may write in its memory; unlike the address space, it
            does not count libraries and files that are only read.
    """

    file_bytes: int | None = 4 * GIB
    open_files: int | None = 1024
    processes: int | None = 1024
    memory_bytes: int | None = None
    cpu_seconds: int | None = None
    data_bytes: int | None = None

    def arguments(
        self, hard_limit: "Callable[[str], int]" = read_hard_limit
    ) -> list[str]:
        """Return the options of prlimit.

        Args:
            hard_limit: How to learn the most that may be asked for: without
                CAP_SYS_RESOURCE, asking for more is an error.
        """
        wanted = {
            "fsize": self.file_bytes,
            "nofile": self.open_files,
            "nproc": self.processes,
            "as": self.memory_bytes,
            "cpu": self.cpu_seconds,
            "data": self.data_bytes,
        }
        options = ["--core=0"]
        for name, value in wanted.items():
            if value is None:
                continue
            most = hard_limit(name)
            allowed = value if most == resource.RLIM_INFINITY else min(value, most)
            options.append(f"--{name}={allowed}")
        return options


@dataclass(frozen=True)
class Sandbox:
    """What a program sees and may do.  Nothing that is not named here.

    All namespaces are its own, all capabilities are dropped, no new privileges or
    user namespaces can be had, the root and /dev are read only, /proc, /tmp and
    /dev/shm are its own, and the environment is empty but for `env`.

    Its user is the one who starts it, under another number.  With `real_user` root
    starts it for a user of the machine: then there is no user namespace, its programs
    belong to that user, and `seccomp_fd` must keep it from making namespaces.

    Attributes:
        mounts: Files and folders, in order; see `system_mounts`.
        env: The whole environment.
        cwd: Where the program starts.
        network: Whether it shares the machine's network; else it has only a
            loopback of its own.
        uid: Number of its user inside.
        gid: Number of its group inside.
        hostname: What `hostname` says.
        temporary_bytes: Size of /tmp and of /dev/shm, each.
        limits: Limits of each process.
        die_with_parent: Whether it ends when the process that started it ends.
        new_session: Whether to leave the caller's controlling terminal.
        as_pid_1: Whether the program itself is process 1 and collects orphans;
            else bwrap does.
        info_fd: Inherited descriptor that receives `{"child-pid": …}` as JSON.
        seccomp_fd: Inherited descriptor of a filter; see `make_filter`.
        real_user: Whether `uid` and `gid` are the machine's numbers; only root can.
    """

    mounts: tuple[Mount, ...]
    env: "Mapping[str, str]" = field(default_factory=dict)
    cwd: Path = ROOT
    network: bool = False
    uid: int = 1000
    gid: int = 1000
    hostname: str = "ipt"
    temporary_bytes: int = GIB
    limits: Limits = field(default_factory=Limits)
    die_with_parent: bool = False
    new_session: bool = False
    as_pid_1: bool = False
    info_fd: int | None = None
    seccomp_fd: int | None = None
    real_user: bool = False

    def command(
        self,
        argv: "Sequence[str]",
        hard_limit: "Callable[[str], int]" = read_hard_limit,
    ) -> list[str]:
        """Return the command line that runs a program in this sandbox.

        Args:
            argv: The program and its arguments, as they are inside.
            hard_limit: See `Limits.arguments`.
        """
        return [
            *("prlimit", *self.limits.arguments(hard_limit), "--"),
            *("bwrap", *self._isolation(), *self._file_system()),
            *("--chdir", str(self.cwd), "--clearenv", *self._environment()),
            *("--", *self._become_user(), *argv),
        ]

    def _isolation(self) -> list[str]:
        options = self._root_namespaces() if self.real_user else self._user_namespace()
        options += ["--hostname", self.hostname]
        descriptors = {"--info-fd": self.info_fd, "--seccomp": self.seccomp_fd}
        for name, descriptor in descriptors.items():
            options += [] if descriptor is None else [name, str(descriptor)]
        flags = {
            "--die-with-parent": self.die_with_parent,
            "--new-session": self.new_session,
            "--as-pid-1": self.as_pid_1,
        }
        return options + [flag for flag, wanted in flags.items() if wanted]

    def _user_namespace(self) -> list[str]:
        options = ["--unshare-all", "--unshare-user", "--disable-userns"]
        options += ["--share-net"] if self.network else []
        options += ["--uid", str(self.uid), "--gid", str(self.gid)]
        return [*options, "--cap-drop", "ALL"]

    def _root_namespaces(self) -> list[str]:
        options = ["--unshare-ipc", "--unshare-pid", "--unshare-uts"]
        options += ["--unshare-cgroup-try"]
        options += [] if self.network else ["--unshare-net"]
        options += ["--cap-drop", "ALL"]
        for name in ROOT_KEEPS:
            options += ["--cap-add", name]
        return options

    def _become_user(self) -> list[str]:
        if not self.real_user:
            return []
        numbers = ["--reuid", str(self.uid), "--regid", str(self.gid)]
        nothing = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
        return ["setpriv", *numbers, "--clear-groups", *nothing, "--"]

    def _file_system(self) -> list[str]:
        own = (
            Tmpfs(Path("/tmp"), self.temporary_bytes),  # noqa: S108 - the sandbox's own
            Tmpfs(Path("/dev/shm"), self.temporary_bytes),  # noqa: S108
        )
        options = ["--proc", "/proc", "--dev", "/dev"]
        for mount in (*proc_mounts(), *own):
            options += mount.arguments()
        options += self._parents()
        for mount in self.mounts:
            options += mount.arguments()
        # bwrap's root and /dev are file systems in memory that the user owns.
        return [*options, "--remount-ro", "/dev", "--remount-ro", "/"]

    def _parents(self) -> list[str]:
        """Return what makes the folders above all places.

        bwrap would make them for its own user alone, which a `real_user` is not.
        """
        above = {parent for mount in self.mounts for parent in mount.target.parents}
        options: list[str] = []
        for folder in sorted(above - {ROOT}):
            options += ["--perms", "0755", "--dir", str(folder)]
        return options

    def _environment(self) -> list[str]:
        options: list[str] = []
        for name, value in self.env.items():
            options += ["--setenv", name, value]
        return options
