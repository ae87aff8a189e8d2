"""RemoteProcesses: placeholder so that the tenant imports; helper B replaces this file."""

from collections.abc import Collection, Mapping

from agave_local.services.jobs.schedulers.base import Run, Sight
from agave_local.services.jobs.shells.base import Shell


class RemoteProcesses:
    """Placeholder."""

    def submit(self, shell: Shell, run: Run) -> str:
        """Not yet."""
        raise NotImplementedError

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Not yet."""
        raise NotImplementedError

    def cancel(self, shell: Shell, run: Run, number: str) -> None:
        """Not yet."""
        raise NotImplementedError
