"""Where the files of the jobs of a system are, on its machine.

<base> is the system's folder; `{account}` in it is the account that is signed in to.

<base>/<owner>/job-<id>-<slug>/   inputs, assets, wrapper, outputs (Agave's place)
<base>/.jobs/<id>/                job script, its claim and its last word; mode 700
<base>/.jobs/events/              <id>.started and <id>.ended of all jobs
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agave_local.records.store import Document
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostDenied

STARTED, ENDED = ".started", ".ended"
ACCOUNT = "{account}"
_NAME = re.compile(r"(?!\.)[A-Za-z0-9._@-]{1,64}")


@dataclass(frozen=True)
class RemoteFolders:
    """The folders of one job on the machine of its system.

    Attributes:
        work: in which it runs.
        control: of its script.
        events: of all jobs.
    """

    work: str
    control: str
    events: str


def base_of(system: Document, own: Path) -> str:
    """Return the folder below which a system's jobs work; empty where it has none.

    Args:
        system: its description.
        own: the tenant's own folder, for systems that are this machine.
    """
    storage = system["storage"]
    for path in (system.get("scratchDir"), system.get("workDir")):
        if path:
            return _below(storage, str(path))
    home = str(storage.get("homeDir") or "").strip("/")
    if home:
        return _below(storage, home)
    return str(own) if system["login"]["protocol"] == "LOCAL" else ""


def is_private(system: Document, base: str, own: Path) -> bool:
    """Tell whether a folder is one of the tenant's that is not there for jobs.

    In a home, its owner could put something else in a job's place.

    Args:
        system: whose folder it is.
        base: the folder.
        own: the tenant's own folder for such jobs; beside it are homes, records and
            secrets.
    """
    if system["login"]["protocol"] != "LOCAL":
        return False
    here = Path(base).resolve()
    return here.is_relative_to(own.parent) and not here.is_relative_to(own)


def of_account(base: str, sign_in: Callable[[], Shell]) -> str:
    """Return a base with the account's name in it, where it leaves a place for one.

    Accounts of several people can't share folders that each keeps from the others.

    Raises:
        HostDenied: the machine says no name that a folder can have.
    """
    if ACCOUNT not in base:
        return base
    name = sign_in().run("id -un").out.decode(errors="replace").strip()
    if not _NAME.fullmatch(name):
        raise HostDenied("The machine does not say the name of the account.")
    return base.replace(ACCOUNT, name)


def events_of(base: str) -> str:
    """Return the folder of the events of all jobs below a base."""
    return f"{base}/.jobs/events"


def remote_folders(trip: Trip) -> RemoteFolders:
    """Return where the files of a job are."""
    return RemoteFolders(
        f"{trip.base}/{trip.output_path}",
        f"{trip.base}/.jobs/{trip.job_id}",
        events_of(trip.base),
    )


def _below(storage: Document, path: str) -> str:
    """Return a path of a system as its machine has it; Agave's begin at `rootDir`."""
    root = str(storage.get("rootDir") or "/")
    inside = posixpath.normpath(f"/{path}").lstrip("/")
    return posixpath.join(posixpath.normpath(root), inside).rstrip("/")
