"""Several execution hosts as one.

    ask all ─▶ adopt what lives ─▶ refuse where silence could hide it
            ─▶ the host with most room ─▶ count again ─▶ give way where it is too much

A host that does not answer is skipped and named.  It may have terminals all the same:
see `HostPool.launch` for what that means, and `iptweb.terminals.host.census`.
"""

import dataclasses
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from iptweb.errors import HostsFull, HostUnreachable

from .asking import Answers, Asking, Member, describe_silence, refuse_silence
from .base import Ended, Launched, LaunchRequest
from .census import Census, age_key, newest
from .placing import by_room, is_too_much, room

__all__ = ["HostPool"]

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 5.0
# Ending a terminal may take its server some seconds; the host has answered before.
STOP_SECONDS = 30.0
DRAINED = (
    "No terminals are started now: every execution host is being taken out of service."
)


def report_nothing(_event: str, **_fields: object) -> None:
    """Write no log."""


class HostPool:
    """Offers several hosts as one; implements `Host`.

    Args:
        members: The hosts, of different names.
        patience_s: How long one of several may take to answer.
        report: Writes an event to the log.
        absent: Names of hosts that can't be asked now and take no terminals, but may
            have some: an engine that has gone.  Only their own records are concerned.
    """

    def __init__(
        self,
        members: Sequence[Member],
        *,
        patience_s: float = PATIENCE_SECONDS,
        report: Callable[..., None] = report_nothing,
        absent: Collection[str] = (),
    ) -> None:
        self._absent = frozenset(absent)
        self._members = {member.name: member for member in members}
        self._asking = Asking(patience_s, report)

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts' names."""
        return tuple(self._members)

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal where there is most room, or return the one that lives.

        Two launches of one name at the same time may both find nothing: whoever has
        several hosts holds a claim around this (`iptweb.terminals.claims`), and ends
        its own afterwards where the record names another launch.

        Raises:
            HostUnreachable: No host answers; or the one that the record names does not,
                so that the terminal may live there; or the chosen one fell silent on
                the way, and `context["host"]` names it: the terminal may have started
                there, so it belongs into the record as the host.
            HostsFull: No host that answers takes a new terminal.
            LaunchFailed: The terminal did not start.
        """
        only = self._only()
        is_free = only is not None and not only.capacity and not only.drain
        if only is not None and is_free and request.last_host not in self._absent:
            try:
                return self._named(only.name, only.host.launch(request))
            except HostUnreachable as error:
                error.context.setdefault("host", only.name)
                raise
        answers = self._ask_all(list_living)
        living = answers.given
        found = [
            self._named(host, launched)
            for host, terminals in living.items()
            for launched in terminals
            if launched.name == request.name
        ]
        there = [launched for launched in found if launched.host == request.last_host]
        adopted = newest(there or found)
        if adopted is not None:
            return adopted
        self._check_own(request.last_host, answers.silent)
        if not living:
            raise HostUnreachable(
                f"No execution host answers now ({', '.join(answers.silent)}). "
                "Try again in a few minutes.",
                hosts=tuple(answers.silent),
            )
        counts = {host: len(terminals) for host, terminals in living.items()}
        launched = self._place(request, counts, answers.silent)
        return dataclasses.replace(launched, note=describe_silence(answers.silent))

    def stop(self, name: str, launch: str = "", *, last_host: str = "") -> bool:
        """End every terminal of that name and wait; false if there was none.

        Args:
            name: The record's name.
            launch: End that launch only.
            last_host: Where the record says that it runs: once that one has answered,
                nobody else's silence matters.

        Raises:
            HostUnreachable: There is none on the hosts that answer, but one that does
                not may have it (`context["hosts"]`); or one is still there after all.
        """
        only = self._only()
        if only is not None:
            was_there = only.host.stop(name, launch)
            if not was_there:
                self._check_own(last_host, {})
            return was_there
        answers = self._ask_all(lambda member: member.host.inspect(name))
        talking = [self._members[host] for host in answers.given]
        # Everywhere, not only where it lives: what ended is cleared away, too.
        ended = self._asking.ask(
            talking, lambda member: member.host.stop(name, launch), STOP_SECONDS
        )
        was_there = any(ended.given.values())
        if last_host in ended.given:
            return was_there
        for host, reason in ended.silent.items():
            raise HostUnreachable(f"On {host}: {reason}", hosts=(host,))
        if not was_there:
            self._check_own(last_host, answers.silent)
            refuse_silence(answers.silent)
        return was_there

    def inspect(self, name: str, *, last_host: str = "") -> Launched | None:
        """Return the living terminal of that name, the newest of several.

        Args:
            name: The record's name.
            last_host: As for `stop`.

        Raises:
            HostUnreachable: There is none on the hosts that answer, but one that does
                not may have it (`context["hosts"]`).
        """
        answers = self._ask_all(lambda member: member.host.inspect(name))
        found = newest(
            [self._named(host, one) for host, one in answers.given.items() if one]
        )
        if found is None and last_host not in answers.given:
            self._check_own(last_host, answers.silent)
            refuse_silence(answers.silent)
        return found

    def living(self) -> list[Launched]:
        """Return all living terminals, sorted by name, one that is there twice twice.

        Who can do with less than everything takes `census`.

        Raises:
            HostUnreachable: A host can't be asked (`context["hosts"]`).
        """
        census = self.census()
        refuse_silence(census.silent)
        return list(census.living)

    def census(self) -> Census:
        """Return what lives as far as hosts answer, and which of them do not."""
        answers = self._asking.ask(self._members.values(), list_living)
        living = [
            self._named(host, launched)
            for host, terminals in answers.given.items()
            for launched in terminals
        ]
        living.sort(key=lambda launched: (launched.name, *age_key(launched)))
        free = sum(
            room(self._members[host], len(terminals))
            for host, terminals in answers.given.items()
        )
        rounded = None if math.isinf(free) else int(free)
        answered = frozenset(answers.given)
        return Census(tuple(living), answers.silent, rounded, answered, self._absent)

    def ended(self, name: str) -> Ended | None:
        """Return how a terminal of that name ended, on the first host that knows.

        Several hosts may each know of another launch: see `endings`.

        Raises:
            HostUnreachable: No host that answers knows, but one that does not might.
        """
        return next(iter(self.endings(name)), None)

    def endings(self, name: str) -> list[Ended]:
        """Return how terminals of that name ended, one for each host that knows.

        Raises:
            HostUnreachable: No host that answers knows, but one that does not might.
        """
        answers = self._ask_all(lambda member: member.host.ended(name))
        known = [ended for ended in answers.given.values() if ended is not None]
        if not known:
            refuse_silence(answers.silent)
        return known

    def has_others(self, host: str) -> bool:
        """Return whether there are other hosts than the one that a record names."""
        others = self._members.keys() - {host}
        return len(others) > (0 if host else 1)

    def _only(self) -> Member | None:
        """Return the one host where there are not several."""
        members = list(self._members.values())
        return members[0] if len(members) == 1 else None

    def _ask_all(self, question: Callable[[Member], Answer]) -> Answers[Answer]:
        only = self._only()
        if only is not None:
            # Its own error says more than that it is silent.
            return Answers({only.name: question(only)}, {})
        return self._asking.ask(self._members.values(), question)

    def _named(self, host: str, launched: Launched) -> Launched:
        return dataclasses.replace(launched, host=host)

    def _check_own(self, last_host: str, silent: Collection[str]) -> None:
        """Refuse to conclude anything while the record's own host is silent."""
        if last_host in silent or last_host in self._absent:
            raise HostUnreachable(
                f"Your terminal runs on the execution host {last_host}, which does not "
                "answer now. Try again later; Restart gives that terminal up and "
                "starts another one.",
                host=last_host,
            )

    def _place(
        self,
        request: LaunchRequest,
        counts: Mapping[str, int],
        silent: Mapping[str, str],
    ) -> Launched:
        """Launch on the host with most room that keeps to its limit."""
        for member in by_room(request.name, self._members, counts):
            launched = self._try(member, request)
            if launched is not None:
                return launched
        if all(self._members[host].drain for host in counts):
            raise HostsFull(
                f"{DRAINED} {describe_silence(silent)}".strip(), reason=DRAINED
            )
        sentences = (
            "All execution hosts are full.",
            describe_silence(silent),
            "Your terminal starts when another one ends.",
        )
        raise HostsFull(" ".join(filter(None, sentences)))

    def _try(self, member: Member, request: LaunchRequest) -> Launched | None:
        """Launch on one host; None where it turns out to be full."""
        try:
            launched = member.host.launch(request)
            if launched.launch == request.launch and is_too_much(member, launched):
                member.host.stop(request.name, request.launch)
                return None
        except HostsFull:
            return None
        except HostUnreachable as error:
            self._asking.note_silence(member.name, error.message)
            raise HostUnreachable(
                f"On the execution host {member.name}: {error.message}",
                host=member.name,
            ) from error
        return self._named(member.name, launched)


def list_living(member: Member) -> list[Launched]:
    """Ask a host for all that lives on it."""
    return member.host.living()
