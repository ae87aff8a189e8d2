"""Asking several hosts at once, and not waiting for one that hangs.

Nothing is remembered between messages, each of which has a process of its own.  Within
one, a host that fell silent is not asked again: it would cost the same wait each time.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from iptweb.errors import HostUnreachable, TerminalError

from .base import Host

__all__ = ["Answers", "Asking", "Member", "describe_silence", "refuse_silence"]

Answer = TypeVar("Answer")
NO_ANSWER = "It did not answer in time."


@dataclass(frozen=True)
class Member:
    """One host of a pool.

    Attributes:
        name: For records and for people.
        host: The host itself.
        capacity: Most terminals on it, 0 for no limit.
        drain: Whether it takes no new terminals; those it has live on.
    """

    name: str
    host: Host
    capacity: int = 0
    drain: bool = False


@dataclass(frozen=True)
class Answers(Generic[Answer]):
    """What hosts said.

    Attributes:
        given: Each host that answered, and its answer, in the order of the members.
        silent: Each host that did not, and why.
    """

    given: dict[str, Answer]
    silent: dict[str, str]


class Asking:
    """Asks members, one thread each, and keeps in mind who is silent.

    Args:
        patience_s: How long the slowest of several may take.
        report: Writes an event to the log.
    """

    def __init__(self, patience_s: float, report: Callable[..., None]) -> None:
        self._patience_s = patience_s
        self._report = report
        self._silent: dict[str, str] = {}

    def ask(
        self,
        members: Iterable[Member],
        question: Callable[[Member], Answer],
        patience_s: float | None = None,
    ) -> Answers[Answer]:
        """Return what each of the members says.

        Args:
            members: Whom to ask.
            question: Put to each of them, in any thread.
            patience_s: How long the slowest may take, where it is not the usual.
        """
        asked = list(members)
        talking = [member for member in asked if member.name not in self._silent]
        if len(talking) == 1:
            # Its own client has time limits; a thread would add nothing.
            results = {talking[0].name: attempt(question, talking[0])}
        else:
            results = collect(question, talking, patience_s or self._patience_s)
        given: dict[str, Answer] = {}
        for member in talking:
            result = results.get(member.name, TerminalError(NO_ANSWER))
            if isinstance(result, TerminalError):
                self.note_silence(member.name, result.message)
            elif isinstance(result, Exception):
                raise result
            else:
                given[member.name] = result
        names = {member.name for member in asked}
        silent = {name: why for name, why in self._silent.items() if name in names}
        return Answers(given, silent)

    def note_silence(self, name: str, reason: str) -> None:
        """Ask a host no more, and say so in the log."""
        self._silent[name] = reason
        self._report("host_silent", host=name, reason=reason)


def attempt(question: Callable[[Member], Answer], member: Member) -> Answer | Exception:
    """Return what a member says, or what went wrong."""
    try:
        return question(member)
    except Exception as error:  # noqa: BLE001 - raised again in the thread that asks
        return error


def collect(
    question: Callable[[Member], Answer], members: list[Member], patience_s: float
) -> dict[str, Answer | Exception]:
    """Return what members said in time, by name."""
    said: queue.SimpleQueue[tuple[str, Answer | Exception]] = queue.SimpleQueue()

    def put(member: Member) -> None:
        said.put((member.name, attempt(question, member)))

    for member in members:
        # Not a thread pool: at its end a process would wait for one that hangs.
        threading.Thread(target=put, args=(member,), daemon=True).start()
    results: dict[str, Answer | Exception] = {}
    deadline = time.monotonic() + patience_s
    while len(results) < len(members):
        try:
            name, result = said.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        results[name] = result
    return results


def refuse_silence(silent: Mapping[str, str]) -> None:
    """Refuse to conclude anything where a host did not answer.

    Raises:
        HostUnreachable: One did not.
    """
    if silent:
        raise HostUnreachable(
            f"The terminal may be on {', '.join(silent)}, which does not answer now. "
            "Try again in a few minutes.",
            hosts=tuple(silent),
        )


def describe_silence(silent: Mapping[str, str]) -> str:
    """Return which hosts do not answer, as a sentence; empty where all do."""
    if not silent:
        return ""
    return f"No answer comes from {', '.join(silent)}."
