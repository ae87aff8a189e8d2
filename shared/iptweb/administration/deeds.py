"""Each action of an administrator: once, however often it is delivered, on record.

    hold the request ─▶ on record as done? answer that again
                     ─▶ on record: it begins ─▶ act ─▶ on record: how it ended

A request that failed, or was cut off, may be sent again under its own id: every action
looks at what is there first, so what was done already is not done twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from iptweb.errors import Conflict, IptwebError, LaunchUnderWay
from iptweb.terminals.service import Hold

from .audit import AuditLog, Entry, Result, entry_id

__all__ = ["Deed", "Deeds"]

# Longer than a function may take to answer; who waits longer is told so.
HOLD_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Deed:
    """One action that an administrator asks for.

    Attributes:
        by: Which administrator.
        request_id: Their own id of it; the same one again is the same action.
        action: In one word.
        target: The user or the host.
        launch: Which launch of a terminal is meant; the one that is there where empty.
    """

    by: str
    request_id: str
    action: str
    target: str
    launch: str = ""

    def is_same(self, entry: Entry) -> bool:
        """Return whether this is what an entry is of."""
        is_alike = (self.action, self.target) == (entry.action, entry.target)
        return is_alike and self.launch in {"", entry.launch}


class Deeds:
    """Does actions.

    Args:
        audit: The audit record.
        hold: Keeps other deliveries of a request away.
    """

    def __init__(self, audit: AuditLog, hold: Hold) -> None:
        self._audit = audit
        self._hold = hold

    def do(
        self,
        deed: Deed,
        act: Callable[[Entry], Mapping[str, Any]],
        *,
        launch: Callable[[], str] = lambda: "",
    ) -> dict[str, Any]:
        """Do an action, or return what it answered when it was done.

        Args:
            deed: What is asked for.
            act: Does it and returns the answer; gets what is on record of it.
            launch: Tells which launch of a terminal is there, before it is done for
                the first time.

        Raises:
            Conflict: The id is another action's, or its first delivery takes too long.
            IptwebError: It could not be done; the record says why.
        """
        key = entry_id(deed.by, deed.request_id)
        try:
            with self._hold(f"admin-{key}", HOLD_SECONDS):
                return self._do_alone(key, deed, act, launch)
        except LaunchUnderWay as error:
            raise Conflict(
                "This request is being done now. Look at the audit record in a minute."
            ) from error

    def _do_alone(
        self,
        key: str,
        deed: Deed,
        act: Callable[[Entry], Mapping[str, Any]],
        launch: Callable[[], str],
    ) -> dict[str, Any]:
        entry = self._audit.find(key)
        if entry is not None and not deed.is_same(entry):
            raise Conflict(
                "This request_id was used for another action. Take a new one."
            )
        if entry is None:
            entry = Entry(
                id=key,
                at=self._audit.now(),
                by=deed.by,
                action=deed.action,
                target=deed.target,
                request_id=deed.request_id,
                launch=deed.launch or launch(),
            )
            self._audit.begin(entry)
        elif entry.result is not None and entry.result.result == "done":
            return dict(entry.result.answer)
        return self._act(entry, act)

    def _act(
        self, entry: Entry, act: Callable[[Entry], Mapping[str, Any]]
    ) -> dict[str, Any]:
        try:
            answer = dict(act(entry))
        except IptwebError as error:
            self._audit.end(entry, Result.of_error(error))
            raise
        answer["audit_id"] = entry.id
        self._audit.end(entry, Result("done", answer=answer))
        return answer
