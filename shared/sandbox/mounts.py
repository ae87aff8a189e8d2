"""What can appear in a sandbox's file system, and what every sandbox needs there."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")

# What the loader, the compilers, bash, the editors and OpenMPI read; nothing that
# names this machine, its people or its services.
ETC_FILES = (
    "alternatives",
    "inputrc",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "nanorc",
    "nsswitch.conf",
    "openmpi",
    "terminfo",
    "vim",
)

# OpenMPI's hwloc counts cores here; without it, it guesses from /proc/cpuinfo.
SYS_FOLDERS = ("sys/devices/system/cpu", "sys/devices/system/node")

# The rest of /proc is hidden.  Its files belong to root, and a sandbox that root
# starts is root to the file system, capabilities or not: it could read kernel
# memory's map and write sysctls.  bwrap covers only what it finds writable.
PROC_SHOWN = frozenset(
    {"cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "uptime", "version"}
)
PROC_READ_ONLY = frozenset({"sys"})


@dataclass(frozen=True)
class Bind:
    """A file or folder of the machine at a place in the sandbox.

    Attributes:
        source: Where it is on the machine.
        target: Where it appears.
        writable: Whether what is written there stays on the machine.
        optional: Whether a missing source is left out rather than an error.
    """

    source: Path
    target: Path
    writable: bool = False
    optional: bool = False

    def arguments(self) -> list[str]:
        """Return the options of bwrap that make it."""
        option = "--bind" if self.writable else "--ro-bind"
        if self.optional:
            option += "-try"
        return [option, str(self.source), str(self.target)]


@dataclass(frozen=True)
class Link:
    """A symbolic link in the sandbox; its text is taken as it is."""

    text: str
    target: Path

    def arguments(self) -> list[str]:
        """Return the options of bwrap that make it."""
        return ["--symlink", self.text, str(self.target)]


@dataclass(frozen=True)
class Tmpfs:
    """A folder of its own in memory, at most `size` bytes, open to all inside."""

    target: Path
    size: int | None = None

    def arguments(self) -> list[str]:
        """Return the options of bwrap that make it."""
        size = [] if self.size is None else ["--size", str(self.size)]
        return ["--perms", "1777", *size, "--tmpfs", str(self.target)]


@dataclass(frozen=True)
class Empty:
    """A folder in which nothing is and nothing can be made."""

    target: Path

    def arguments(self) -> list[str]:
        """Return the options of bwrap that make it."""
        return ["--tmpfs", str(self.target), "--remount-ro", str(self.target)]


Mount = Bind | Link | Tmpfs | Empty


def proc_mounts(proc: Path = Path("/proc")) -> tuple[Mount, ...]:
    """Return what covers those parts of /proc that are about the machine.

    Args:
        proc: The machine's /proc, whose entries are looked at; another in tests.
    """
    covers: list[Mount] = []
    for entry in sorted(proc.iterdir()):
        target = Path("/proc") / entry.name
        if entry.name.isdigit() or entry.is_symlink() or entry.name in PROC_SHOWN:
            continue
        if entry.name in PROC_READ_ONLY:
            covers.append(Bind(entry, target))
        elif entry.is_dir():
            covers.append(Empty(target))
        else:
            covers.append(Bind(Path("/dev/null"), target))
    return tuple(covers)


def system_mounts(root: Path = ROOT) -> tuple[Mount, ...]:
    """Return what any program needs of the operating system, read only.

    Args:
        root: Where the operating system's files are; another one in tests.
    """
    found: list[Mount] = [Bind(root / "usr", Path("/usr"))]
    for name in ROOT_FOLDERS:
        folder = root / name
        if folder.is_symlink():
            # Debian's merged /usr: /bin is a link to usr/bin and stays one.
            found.append(Link(str(folder.readlink()), Path("/") / name))
        elif folder.is_dir():
            found.append(Bind(folder, Path("/") / name))
    others = [f"etc/{name}" for name in ETC_FILES]
    found += [
        Bind(root / name, Path("/") / name)
        for name in (*others, *SYS_FOLDERS)
        if (root / name).exists()
    ]
    return tuple(found)
