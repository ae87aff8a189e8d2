"""Which host this machine offers."""

from typing import TYPE_CHECKING

from iptweb.errors import ConfigError, HostUnreachable
from sandbox import available

from .process import ProcessHost
from .sandbox import SandboxHost

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .base import Host


def choose_host(
    kind: str,
    *,
    run_dir: "Path",
    python: "Path",
    address: str = "127.0.0.1",
    image: "Path | None" = None,
    sandbox_reason: "Callable[[], str | None]" = available,
) -> "Host":
    """Return the host that a setting names, or the best that works here.

    Args:
        kind: `sandbox`, `process`, or `auto`: the first of them that works.
        run_dir: Where the run-time folders of terminals are kept.
        python: The interpreter that runs `webterm` and `ipt`.
        address: Where terminals listen.
        image: Folder of the terminal's files; see `LocalHost`.
        sandbox_reason: Tells why no sandbox can be made here, None if it can.

    Raises:
        ConfigError: There is no such kind.
        HostUnreachable: A sandbox is demanded and can't be made here.
    """
    if kind not in {"auto", "sandbox", "process"}:
        raise ConfigError("The setting terminal_host must be auto, sandbox or process.")
    reason = None if kind == "process" else sandbox_reason()
    if kind == "sandbox" and reason is not None:
        raise HostUnreachable(
            f"Terminals need a sandbox and this machine has none: {reason}."
        )
    host = ProcessHost if kind == "process" or reason is not None else SandboxHost
    return host(run_dir, python=python, address=address, image=image)
