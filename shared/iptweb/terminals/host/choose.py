"""Which hosts there are: the execution hosts of the settings, else this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from iptweb.errors import HostUnreachable
from iptweb.secret import Secret
from iptweb.settings import EngineHost, Settings
from sandbox import available

from .asking import Member
from .base import Host
from .local import LocalHost
from .local_engine import find_engine
from .pool import PATIENCE_SECONDS, HostPool, report_nothing
from .process import ProcessHost
from .sandbox import SandboxHost

__all__ = ["Machine", "choose_host"]

MakeContainers = Callable[[EngineHost, Settings, Secret | None], Host]


def make_containers(
    host: EngineHost, settings: Settings, ssh_key: Secret | None
) -> Host:
    """Return a host whose engine runs terminals in containers."""
    # A machine without an engine does not load the SDK.
    from .containers import DockerHost  # noqa: PLC0415

    terminals = settings.terminals
    return DockerHost(
        host,
        instance=settings.instance,
        home_root=terminals.home_root,
        run_dir=terminals.dir,
        image=terminals.image,
        network=terminals.network,
        user=terminals.user,
        limits=terminals.limits,
        ssh_key=ssh_key,
    )


@dataclass(frozen=True)
class Machine:
    """What this machine offers; the defaults are the real thing.

    Attributes:
        find_engine: Gives the address of a container engine: one that is named, else
            any, and where an image is named, one that has it.
        sandbox_reason: Tells why no sandbox can be made here, None if it can.
        make_containers: Gives the host of an engine.
    """

    find_engine: Callable[[str, str], str | None] = find_engine
    sandbox_reason: Callable[[], str | None] = available
    make_containers: MakeContainers = make_containers


def no_key() -> Secret:
    """Refuse to give a key.

    Raises:
        HostUnreachable: Always.
    """
    raise HostUnreachable("Execution hosts over SSH need a key, and there is none.")


def choose_host(
    settings: Settings,
    *,
    ssh_key: Callable[[], Secret] = no_key,
    report: Callable[..., None] = report_nothing,
    machine: Machine | None = None,
    patience_s: float = PATIENCE_SECONDS,
) -> HostPool:
    """Return all hosts that the settings name, or this machine.

    Args:
        settings: Of the instance.
        ssh_key: Gives the private key for execution hosts; asked only where one of
            them is reached over SSH.
        report: Writes an event to the log.
        machine: What this machine offers.
        patience_s: How long one of several hosts may take to answer.

    Raises:
        ConfigError: An execution host needs a key and there is none.
        HostUnreachable: What the setting `terminal_host` demands is not here.
    """
    machine = machine or Machine()
    members = choose_far(settings, ssh_key, machine) or choose_here(settings, machine)
    containers = container_name(settings)
    is_absent = settings.terminals.host == "auto" and not settings.terminals.hosts
    absent = {containers} - {member.name for member in members} if is_absent else ()
    return HostPool(members, patience_s=patience_s, report=report, absent=absent)


def choose_far(
    settings: Settings, ssh_key: Callable[[], Secret], machine: Machine
) -> list[Member]:
    """Return the execution hosts of the settings.

    Raises:
        ConfigError: One of them needs a key and there is none.
    """
    hosts = settings.terminals.hosts
    over_ssh = any(host.engine.startswith("ssh:") for host in hosts)
    key = ssh_key() if over_ssh else None
    return [
        Member(
            host.name,
            machine.make_containers(host, settings, key),
            host.capacity,
            host.drain,
        )
        for host in hosts
    ]


def choose_here(settings: Settings, machine: Machine) -> list[Member]:
    """Return this machine as a host, and what still lives on it in another way.

    Raises:
        HostUnreachable: What is demanded is not here.
    """
    terminals = settings.terminals
    engine = choose_engine(settings, machine)
    if engine is None:
        kind = choose_local(settings, machine)
        return [make_local(kind, settings, drain=terminals.drain)]
    name = container_name(settings)
    here = EngineHost(name=name, engine=engine, address=terminals.address)
    host = machine.make_containers(here, settings, None)
    members = [Member(name, host, terminals.capacity, terminals.drain)]
    # From before the engine, or its image, came: nobody gets a second terminal.
    before = make_local(SandboxHost, settings, drain=True)
    return [*members, before] if before.host.living() else members


def container_name(settings: Settings) -> str:
    """Return what this machine's engine is called in records."""
    return f"docker {settings.terminals.address}"


def choose_engine(settings: Settings, machine: Machine) -> str | None:
    """Return the engine that runs terminals here, None where none does.

    Raises:
        HostUnreachable: One is demanded and none answers.
    """
    terminals = settings.terminals
    match terminals.host:
        case "docker":
            engine = machine.find_engine(terminals.engine, "")
            if engine is None:
                raise HostUnreachable(
                    "Terminals need a container engine and none answers on this "
                    "machine. Start it, or choose another terminal_host."
                )
            return engine
        case "auto":
            return machine.find_engine(terminals.engine, terminals.image)
        case "sandbox" | "process":
            return None


def choose_local(settings: Settings, machine: Machine) -> type[LocalHost]:
    """Return what runs terminals without an engine: with walls where they can be had.

    Raises:
        HostUnreachable: A sandbox is demanded and can't be made here.
    """
    kind = settings.terminals.host
    reason = None if kind == "process" else machine.sandbox_reason()
    if kind == "sandbox" and reason is not None:
        raise HostUnreachable(
            f"Terminals need a sandbox and this machine has none: {reason}."
        )
    has_walls = kind != "process" and reason is None
    return SandboxHost if has_walls else ProcessHost


def make_local(
    kind: type[LocalHost], settings: Settings, *, drain: bool = False
) -> Member:
    """Return this machine without an engine."""
    terminals = settings.terminals
    host = kind(
        terminals.dir,
        python=Path(settings.ipt_python),
        address=terminals.address,
        limits=terminals.limits,
    )
    name = f"{kind.kind} {terminals.address}"
    return Member(name, host, terminals.capacity, drain)
