"""The settings of terminals: where they run, what each may use, how long it lives."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from .reader import Reader

__all__ = ["EngineHost", "TerminalLimits", "TerminalSettings", "read_terminal_settings"]

HostKind = Literal["auto", "docker", "sandbox", "process"]
_KINDS: Final[tuple[HostKind, ...]] = ("auto", "docker", "sandbox", "process")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_USER: Final = re.compile(r"(\d{1,9}):(\d{1,9})", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,6})([kmg])", re.ASCII)
_UNITS: Final = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_UNIX: Final = re.compile(r"unix://(?:/[^/\s]+)+")
_SSH: Final = re.compile(
    r"ssh://[^/@:\s]+@(?:(?P<name>[^/@:\s\[\]]+)|\[(?P<six>[0-9A-Fa-f:.]+)\])(?::\d{1,5})?",
    re.ASCII,
)
_HOST_KEYS: Final = {
    *("name", "engine", "address", "home_root", "capacity", "drain", "host_key"),
    *("engine_command", "user"),
}
_LIMIT_KEYS: Final = {
    *("memory", "processors", "processes", "file_size", "open_files", "temporary"),
}


@dataclass(frozen=True)
class TerminalLimits:
    """What one terminal may use.

    Attributes:
        memory_bytes: All its processes together.
        processors: Of the machine's, may be a fraction.
        processes: Processes and threads.
        file_bytes: Size of one file.
        open_files: Of one process.
        temporary_bytes: Size of /tmp and of /dev/shm, each; counts as memory.
    """

    memory_bytes: int = 2 << 30
    processors: float = 2.0
    processes: int = 512
    file_bytes: int = 4 << 30
    open_files: int = 1024
    temporary_bytes: int = 512 << 20


@dataclass(frozen=True)
class EngineHost:
    """An execution host whose container engine runs terminals.

    Attributes:
        name: For records and for people.
        engine: `unix:///path` on this machine, or `ssh://user@host:port`.
        address: Where browsers reach the terminals on it.
        home_root: Its folder of homes; that of all hosts where empty.
        capacity: Most terminals on it, 0 for no limit.
        drain: Whether it takes no new terminals; those it has live on.
        host_key: `ssh-ed25519 AAAA…`, the one key that the host may show.
        engine_command: What reaches the engine once signed in over SSH.
        user: `uid:gid` of the terminals on it; that of all hosts where empty.
    """

    name: str
    engine: str
    address: str
    home_root: str = ""
    capacity: int = 0
    drain: bool = False
    host_key: str = ""
    engine_command: str = "docker system dial-stdio"
    user: str = ""


@dataclass(frozen=True)
class TerminalSettings:
    """The keys `terminal_*` of `<instance>-settings`, without that prefix.

    Attributes:
        host: What runs terminals on this machine, where `hosts` is empty.
        engine: Address of this machine's container engine; the usual ones are
            tried where empty.
        hosts: Execution hosts; terminals run on them alone where there are any.
        image: Of the containers.
        network: The engine's network that containers are in; `none` for none.
        user: `uid:gid` of containers; the owner of `home_root` where empty.
        home_root: Folder of homes on the execution host.
        dir: Folder of run-time folders on this machine.
        address: Where terminals of this machine listen.
        ws_scheme: `ws`, or `wss` where a proxy speaks TLS for them.
        capacity: Most terminals on this machine, 0 for no limit.
        limits: Of each terminal.
        deadline_s: How long a start may take.
        idle_s: A terminal without activity for so long ends, 0 for never.
        max_age_s: A terminal ends at that age whatever it does, 0 for never.
        drain: Whether this machine takes no new terminals; those it has live on.
    """

    host: HostKind
    engine: str
    hosts: tuple[EngineHost, ...]
    image: str
    network: str
    user: str
    home_root: Path
    dir: Path
    address: str
    ws_scheme: str
    capacity: int
    limits: TerminalLimits
    deadline_s: int
    idle_s: int
    max_age_s: int
    drain: bool = False


def read_terminal_settings(read: Reader) -> TerminalSettings:
    """Check the keys `terminal_*` and return them typed.

    Raises:
        ConfigError: A key is missing or malformed.
    """
    scheme = read.text("terminal_ws_scheme", "ws")
    if scheme not in {"ws", "wss"}:
        raise read.bad("terminal_ws_scheme", "'ws' or 'wss'")
    return TerminalSettings(
        host=_read_kind(read),
        engine=_read_engine(read),
        hosts=_read_hosts(read),
        image=read.text("terminal_image", "ipt/terminal-session:latest"),
        network=read.text("terminal_network", "none"),
        user=_read_user(read, "terminal_user"),
        home_root=_read_folder(read, "terminal_home_root"),
        dir=_read_folder(read, "terminal_dir"),
        address=read.text("terminal_address", "127.0.0.1"),
        ws_scheme=scheme,
        capacity=read.count("terminal_capacity", 0),
        limits=_read_limits(read.nested("terminal_limits")),
        deadline_s=read.positive("terminal_deadline_s", 120),
        idle_s=read.count("terminal_idle_s", 4 * 3600),
        max_age_s=read.count("terminal_max_age_s", 0),
        drain=read.flag("terminal_drain", default=False),
    )


def _read_kind(read: Reader) -> HostKind:
    value = read.text("terminal_host", "auto")
    for known in _KINDS:
        if value == known:
            return known
    raise read.bad("terminal_host", "one of " + ", ".join(_KINDS))


def _read_engine(read: Reader) -> str:
    engine = read.optional("terminal_engine")
    if engine and not _UNIX.fullmatch(engine):
        raise read.bad("terminal_engine", "unix:///path; others go to terminal_hosts")
    return engine


def _read_folder(read: Reader, key: str) -> Path:
    folder = Path(read.text(key))
    if not folder.is_absolute():
        raise read.bad(key, "a whole path: /…")
    return folder


def _read_user(read: Reader, key: str) -> str:
    value = read.optional(key)
    match = _USER.fullmatch(value)
    if value and (match is None or 0 in {int(part) for part in match.groups()}):
        raise read.bad(key, "two numbers such as 1000:1000, neither of them 0")
    return value


def _read_hosts(read: Reader) -> tuple[EngineHost, ...]:
    entries = read.objects("terminal_hosts")
    hosts = tuple(
        _read_host(read.entry(f"terminal_hosts[{number}]", entry))
        for number, entry in enumerate(entries)
    )
    if len({host.name for host in hosts}) < len(hosts):
        raise read.bad("terminal_hosts", "hosts of different names")
    return hosts


def _read_host(read: Reader) -> EngineHost:
    read.only(_HOST_KEYS)
    name, engine = read.text("name"), read.text("engine")
    if not _NAME.fullmatch(name):
        raise read.bad("name", "a name of a-z, 0-9, '.' and '-'")
    host_key = read.optional("host_key")
    far = _SSH.fullmatch(engine)
    if far is None and not _UNIX.fullmatch(engine):
        raise read.bad("engine", "unix:///path or ssh://user@host:port")
    if far is not None and len(host_key.split()) < len(("type", "key")):
        raise read.bad("host_key", "the host's public key: 'ssh-ed25519 A…'")
    home_root = read.optional("home_root")
    if home_root and not home_root.startswith("/"):
        raise read.bad("home_root", "a whole path: /…")
    return EngineHost(
        name=name,
        engine=engine,
        address=read.text("address", _usual_address(far)),
        home_root=home_root,
        capacity=read.count("capacity", 0),
        drain=read.flag("drain", default=False),
        host_key=host_key,
        engine_command=read.text("engine_command", EngineHost.engine_command),
        user=_read_user(read, "user"),
    )


def _usual_address(far: re.Match[str] | None) -> str:
    return "127.0.0.1" if far is None else far["name"] or far["six"]


def _read_limits(read: Reader) -> TerminalLimits:
    read.only(_LIMIT_KEYS)
    usual = TerminalLimits()
    return TerminalLimits(
        memory_bytes=_read_size(read, "memory", usual.memory_bytes),
        processors=read.number("processors", usual.processors),
        processes=read.positive("processes", usual.processes),
        file_bytes=_read_size(read, "file_size", usual.file_bytes),
        open_files=read.positive("open_files", usual.open_files),
        temporary_bytes=_read_size(read, "temporary", usual.temporary_bytes),
    )


def _read_size(read: Reader, key: str, usual: int) -> int:
    value = read.optional(key)
    if not value:
        return usual
    match = _SIZE.fullmatch(value)
    if match is None or int(match[1]) == 0:
        raise read.bad(key, "a size such as 512m or 2g")
    return int(match[1]) * _UNITS[match[2]]
