"""Faults on demand: how clients of the tenant are tested against a bad day."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from agave_local.errors import LocalTenantError, Unauthorized


class FaultKind(StrEnum):
    """What goes wrong."""

    SLOW = "slow"
    FAIL = "fail"
    DROP = "drop"
    EXPIRED = "expired"


class ConnectionDropped(Exception):
    """The transport is to close the connection without a word."""


class InjectedFailure(LocalTenantError):
    """A failure that a test asked for.

    Attributes:
        status: that was asked for.
    """

    code = "injected"

    def __init__(self, status: int) -> None:
        super().__init__("This failure was asked for through /local/faults.")
        self.status = status


@dataclass
class Fault:
    """What is to go wrong with an operation.

    Attributes:
        operation: such as `meta.listMetadata`, `meta.*` or `*`.
        kind: slow, fail, drop or expired.
        count: how many calls it still hits.
        seconds: that a slow call waits.
        status: that a failing call answers.
    """

    operation: str
    kind: FaultKind
    count: int = 1
    seconds: float = 1.0
    status: int = 500

    def hits(self, operation: str) -> bool:
        """Tell whether the fault is meant for an operation."""
        service = operation.partition(".")[0]
        return self.operation in (operation, f"{service}.*", "*")


class Faults:
    """The faults that are still to happen, in the order in which they were added.

    Args:
        sleep: lets a slow call wait.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let something go wrong."""
        with self._lock:
            self._faults.append(fault)

    def all(self) -> list[Fault]:
        """Return the faults that are still to happen."""
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Let everything go well."""
        with self._lock:
            self._faults.clear()

    def strike(self, operation: str) -> None:
        """Let a call of an operation go wrong where a fault is meant for it.

        Raises:
            InjectedFailure: for a call that is to fail.
            Unauthorized: for a call whose token is to count as expired, which makes
                a client refresh it.
            ConnectionDropped: for a call that is to get no answer.
        """
        if not self._faults:
            return
        fault = self._take(operation)
        if fault is None:
            return
        match fault.kind:
            case FaultKind.SLOW:
                self._sleep(fault.seconds)
            case FaultKind.FAIL:
                raise InjectedFailure(fault.status)
            case FaultKind.DROP:
                raise ConnectionDropped
            case FaultKind.EXPIRED:
                raise Unauthorized("This token has expired.", fault=900904)

    def _take(self, operation: str) -> Fault | None:
        if operation.startswith("local."):
            return None
        with self._lock:
            for fault in self._faults:
                if fault.hits(operation):
                    fault.count -= 1
                    if fault.count <= 0:
                        self._faults.remove(fault)
                    return fault
        return None
