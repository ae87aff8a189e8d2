"""The one connection to a machine, signed in when needed, and again where it broke."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from agave_local.services.jobs.shells.errors import (
    HostError,
    HostKeyChanged,
    HostRefused,
    HostSilent,
)
from agave_local.services.jobs.shells.words import (
    BUSY,
    OTHER_KEY,
    REFUSED,
    SILENT,
    TOO_LONG,
)
from sshlink import (
    Dial,
    Password,
    Patience,
    PrivateKey,
    Sessions,
    SshAddress,
    SshBusy,
    SshError,
    SshKeyChanged,
    SshLink,
    SshSilent,
)

# To be told of a connection's end, where there are signs of one.
SIGNS_SECONDS = 0.2
_T = TypeVar("_T")


@dataclass(frozen=True)
class Account:
    """Who signs in where, and by what.

    Attributes:
        address: of the machine, and the account there.
        host_key: the one that the machine may show.
        proof: what the account is let in with.
    """

    address: SshAddress
    host_key: str
    proof: PrivateKey | Password


class Door:
    """Keeps a connection; several threads may go through at once.

    Args:
        account: who signs in where.
        dial: connects to a port.
        clock: seconds that only grow.
        patience: with the machine.
    """

    def __init__(
        self,
        account: Account,
        dial: Dial,
        clock: Callable[[], float],
        patience: Patience,
    ) -> None:
        self._account = account
        self._dial = dial
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._sessions: Sessions | None = None
        self._failure: tuple[float, SshError] | None = None

    def through(self, work: Callable[[Sessions], _T], *, again: bool) -> _T:
        """Do something on the machine.

        Args:
            work: what is done.
            again: whether it may be done a second time, where the first one broke off.

        Raises:
            HostError: The machine is at fault.
        """
        try:
            return self._through(work, again=again)
        except SshError as error:
            raise _in_words(error) from error

    def close(self) -> None:
        """Sign out; who comes later signs in again."""
        with self._lock:
            sessions, self._sessions = self._sessions, None
        if sessions is not None:
            sessions.close()

    def _through(self, work: Callable[[Sessions], _T], *, again: bool) -> _T:
        sessions, is_new = self._enter()
        try:
            return work(sessions)
        except SshBusy:
            raise
        except SshSilent as error:
            if error.begun and sessions.is_alive(SIGNS_SECONDS):
                # It is this one thing that hangs, not the machine.
                raise
            self._leave(sessions)
            if is_new or (error.begun and not again):
                raise
        # It broke while nobody used it: the machine may well be there.
        return work(self._enter()[0])

    def _enter(self) -> tuple[Sessions, bool]:
        asked = self._clock()
        with self._lock:
            if self._sessions is not None:
                if self._sessions.is_alive():
                    return self._sessions, False
                self._sessions.close()
                self._sessions = None
            if self._failure is not None and self._failure[0] >= asked:
                # Somebody has just tried, while we waited.
                failed = self._failure[1]
                raise type(failed)(str(failed))
            try:
                self._sessions = Sessions(self._sign_in())
            except SshError as error:
                self._failure = self._clock(), error
                raise
            return self._sessions, True

    def _leave(self, sessions: Sessions) -> None:
        with self._lock:
            if self._sessions is sessions:
                self._sessions = None
        sessions.close()

    def _sign_in(self) -> SshLink:
        return SshLink.connect(
            self._account.address,
            host_key=self._account.host_key,
            proof=self._account.proof,
            dial=self._dial,
            patience=self._patience,
        )


def _in_words(error: SshError) -> HostError:
    if isinstance(error, SshKeyChanged):
        return HostKeyChanged(OTHER_KEY)
    if isinstance(error, SshBusy):
        return HostSilent(BUSY)
    if isinstance(error, SshSilent):
        return HostSilent(TOO_LONG if error.begun else SILENT)
    return HostRefused(REFUSED)
