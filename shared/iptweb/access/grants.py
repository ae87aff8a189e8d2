"""What a user needs on the platform, given when they sign in.

Best effort: a system that is down for an hour must not keep people from signing in.
What was given is remembered in a document, so that only new things are asked for at
the next sign-in.  Two things are asked for each time, because they get lost: the
right to send messages (an actor that is registered anew forgets it) and the home.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from iptweb.agave import Agave
from iptweb.documents import find_single
from iptweb.errors import IptwebError, UpstreamError
from iptweb.settings import Settings

__all__ = ["Granter"]

Grant = tuple[str, str, str]


class Granter:
    """Gives users what they need.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account.
        settings: Of the instance.
    """

    def __init__(self, agave: Agave, owner: str, settings: Settings) -> None:
        self._agave = agave
        self._owner = owner
        self._settings = settings

    def grant(self, username: str) -> list[str]:
        """Give a user everything; return what could not be given, for the log."""
        failed = self._grant_lasting(username)
        failed += [
            f"actor {actor}"
            for actor in self._settings.functions
            if not _worked(self._agave.grant_actor, actor, username, "EXECUTE")
        ]
        if not self._make_home(username):
            failed.append("home")
        return failed

    def wanted(self) -> list[Grant]:
        """Return what lasts once it is given: kind, id and right.

        No role on the storage: it is public, which gives everybody their own home,
        and a role would open the homes of all others.
        """
        return [
            *(("system", name, "USER") for name in self._systems()),
            *(("app", name, "READ_EXECUTE") for name in self._apps()),
        ]

    def _systems(self) -> list[str]:
        entries = self._settings.systems
        keys = ("build_system", "run_system")
        return sorted({str(e[k]) for e in entries for k in keys if e.get(k)})

    def _apps(self) -> list[str]:
        entries = self._settings.systems
        keys = ("build_app", "run_app", "build_run_app", "compare_app")
        return sorted({str(e[k]) for e in entries for k in keys if e.get(k)})

    def _grant_lasting(self, username: str) -> list[str]:
        name = f"ipt-{self._settings.instance}-grants-{username}"
        try:
            item = find_single(self._agave, name, self._owner)
        except UpstreamError:
            return ["metadata"]
        value = item.value if item is not None and isinstance(item.value, dict) else {}
        given = {tuple(entry) for entry in value.get("given", [])}
        missing = [right for right in self.wanted() if right not in given]
        failed = [
            r for r in missing if not _worked(lambda r=r: self._give(r, username))
        ]
        got = sorted({*given, *missing} - set(failed))
        new: dict[str, Any] = {"given": [list(right) for right in got]}
        if item is None:
            _worked(self._agave.add_metadata, name, new)
        elif len(failed) < len(missing):
            _worked(self._agave.update_metadata, item.uuid, name, new)
        return [f"{kind} {target}" for kind, target, _ in failed]

    def _give(self, right: Grant, username: str) -> None:
        kind, target, level = right
        if kind == "system":
            self._agave.grant_system(target, username, level)
        else:
            self._agave.grant_app(target, username, level)

    def _make_home(self, username: str) -> bool:
        system = self._settings.storage_system
        with contextlib.suppress(UpstreamError):
            self._agave.list_files(system, username, limit=1)
            return True
        return _worked(self._agave.make_folder, system, "", username)


def _worked(action: Callable[..., object], *arguments: object) -> bool:
    try:
        action(*arguments)
    except IptwebError:
        return False
    return True
