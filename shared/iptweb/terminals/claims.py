"""A lock over metadata documents, which know no compare-and-swap.

    add a claim ─▶ list ─▶ alone? it is held ─▶ work ─▶ delete
                     ├─▶ the oldest? stay, and list again until the others are gone
                     └─▶ else delete it, wait until none is there, and add a new one

Who holds has seen its own claim in a list, and nobody else's.  Of two claims at least
one is in the list that the other's owner saw, so never do two hold, even where a
document shows up later than its creation time says; being the oldest decides only who
stays.  The claim of a process that died ends by expiring.  That is the one case in
which two may hold, the first of them beyond its time, and what a claim guards must
bear it.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from iptweb.agave import Agave, MetadataItem
from iptweb.documents import delete_quietly, find_own
from iptweb.errors import AgaveUnavailable, LaunchUnderWay, UpstreamError

__all__ = ["Claim", "Claims"]

LIVES_SECONDS: Final = 120.0
WAIT_SECONDS: Final = 30.0
# So much the clocks of two machines may differ.
SKEW_SECONDS: Final = 5.0
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 0.3
RELEASE_ATTEMPTS: Final = 3
# A page of so many documents may hide others.
PAGE: Final = 100


@dataclass
class Claim:
    """What somebody who wants to hold a name knows of their own claim.

    Attributes:
        document: Name of the documents of all who want it.
        token: Tells one's own documents from those of others.
        expires: Until when it is good, in seconds since the epoch.
        own: Uuids of the documents that make it; two where an answer was lost.
        dropped: Uuids of those that were to be deleted.  They make no claim any more,
            since a deletion may still be on its way.
        gave_way: Whether somebody else's is older.
        is_doubtful: Whether an answer was lost, so that there may be more documents.
    """

    document: str
    token: str
    expires: float = 0.0
    own: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    gave_way: bool = False
    is_doubtful: bool = False


class Claims:
    """Lets one at a time work on a terminal, whichever process it is in.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account; documents of others don't count.
        instance: Name of the instance.
        clock: Seconds since the epoch.
        sleep: Waits for some seconds.
        new_id: Makes what nobody else has.
        lives_s: How long a claim is good; twice as long as any work that it guards.
    """

    def __init__(
        self,
        agave: Agave,
        owner: str,
        instance: str,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        new_id: Callable[[], str],
        lives_s: float = LIVES_SECONDS,
    ) -> None:
        self._agave = agave
        self._owner = owner
        self._instance = instance
        self._clock = clock
        self._sleep = sleep
        self._new_id = new_id
        self._lives_s = lives_s

    @contextlib.contextmanager
    def hold(self, name: str, wait_s: float = WAIT_SECONDS) -> Iterator[Claim]:
        """Hold a terminal's name until the end of the block, or the claim's expiry.

        Args:
            name: The record's name.
            wait_s: How long to wait for others; much shorter than a claim lives.

        Raises:
            LaunchUnderWay: Others hold it for too long.
            UpstreamError: The platform does not keep documents.
        """
        claim = Claim(f"ipt-{self._instance}-claim-{name}", self._new_id())
        try:
            self._acquire(claim, wait_s)
            yield claim
        finally:
            self._release(claim)

    def _acquire(self, claim: Claim, wait_s: float) -> None:
        began, paused, pause = self._clock(), 0.0, FIRST_PAUSE_SECONDS
        while True:
            failure: Exception = LaunchUnderWay(
                "Another start of this terminal does not come to its end. "
                "Try again in two minutes."
            )
            try:
                if self._is_held(claim):
                    return
            except AgaveUnavailable as error:
                # It may have been done all the same; the next list tells.
                claim.is_doubtful = True
                failure = error
            if max(paused, self._clock() - began) + pause > wait_s:
                raise failure
            self._sleep(pause)
            paused += pause
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _is_held(self, claim: Claim) -> bool:
        """Go one round: make the claim, or stay, or give way, or wait."""
        if claim.gave_way:
            if self._list_living(claim):
                return False
            claim.gave_way = False
        if not claim.own:
            self._add(claim)
        living = self._list_living(claim)
        if not claim.own:
            return False  # somebody took it for expired
        if claim.expires - self._clock() < self._lives_s / 2:
            self._drop(claim)  # too little time for the work; a new one next round
            return False
        if living[0].uuid not in claim.own:
            claim.gave_way = True
            self._drop(claim)
            return False
        return len(living) < PAGE and all(item.uuid in claim.own for item in living)

    def _add(self, claim: Claim) -> None:
        value = {"claim": claim.token, "expires": self._clock() + self._lives_s}
        self._agave.add_metadata(claim.document, value)

    def _list_living(self, claim: Claim) -> list[MetadataItem]:
        """Return what keeps others out, the oldest first; take note of one's own."""
        found = find_own(self._agave, claim.document, self._owner)
        now = self._clock()
        claim.own.clear()
        claim.expires = 0.0
        living = []
        for item in found:
            token, expires = read_claim(item.value)
            if token == claim.token and item.uuid not in claim.dropped:
                if expires > now:
                    claim.own.add(item.uuid)
                    claim.expires = max(claim.expires, expires)
                    living.append(item)
            elif token == claim.token or expires + SKEW_SECONDS <= now:
                delete_quietly(self._agave, item.uuid)
            else:
                living.append(item)
        return living

    def _drop(self, claim: Claim) -> None:
        going = set(claim.own)
        claim.dropped |= going
        claim.own.clear()
        for uuid in sorted(going):
            delete_quietly(self._agave, uuid)

    def _release(self, claim: Claim) -> None:
        """Delete the claim; where that can't be done, it expires."""
        for attempt in range(RELEASE_ATTEMPTS):
            try:
                if claim.is_doubtful:
                    self._list_living(claim)
                self._drop(claim)
            except UpstreamError:
                claim.is_doubtful = True
                if attempt + 1 < RELEASE_ATTEMPTS:
                    self._sleep(FIRST_PAUSE_SECONDS)
            else:
                return


def read_claim(value: object) -> tuple[str, float]:
    """Return whose claim a document is, and until when; anything else has expired."""
    match value:
        case {"claim": str(token), "expires": float() | int() as expires}:
            return token, float(expires)
        case _:
            return "", 0.0
