"""Messages that wait to be sent; each is a document until it has arrived.

A message is written in the transaction of the change that it tells of, so neither is
there without the other. Whoever sends it takes it for a minute: if this process ends
meanwhile, the next one sends it again (at least once).
"""

import json
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from agave_local.clock import Clock, Ids, to_iso
from agave_local.outgoing.policy import NotDelivered, Outgoing, Refused
from agave_local.records.conditions import Condition, among, less, negated
from agave_local.records.store import Document, Store

DELIVERY = "delivery"
MOST_ATTEMPTS = 10
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 3600.0
_TAKEN_S = 60.0
_SEND_S = 10.0
_JOIN_S = 15.0
_MOST_BODY = 256 * 2**10
_SENDERS = 8
# Of one owner, so that who notifies a server that never answers holds up nobody else.
_MOST_AT_ONCE = 2
_GOOD, _GONE = range(200, 300), 410
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    Attributes:
        status: of the answer; None where there was none.
        is_good: whether the message arrived.
        is_final: whether trying again would be no use.
    """

    status: int | None
    is_good: bool
    is_final: bool = False


class Deliveries:
    """Sends what waits, in threads that begin with the first message.

    Args:
        store: keeps kind `delivery`: `expires` is when its waiting ends, `parent` the
            notification.
        clock: tells when to try again.
        ids: names messages.
        outgoing: sends them.
        notification: kind of the notifications, which learn how it went.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        outgoing: Outgoing,
        notification: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._outgoing = outgoing
        self._notification = notification
        self._bell = threading.Condition()
        self._rings = 0
        self._is_on = self._is_ending = False
        self._threads: list[threading.Thread] = []
        self._choosing = threading.Lock()
        self._busy: Counter[str] = Counter()

    def add(
        self, notification: Document, event: str, url: str, body: Mapping[str, object]
    ) -> None:
        """Have a message sent once the transaction around this is over."""
        text = json.dumps(body)
        if len(text) > _MOST_BODY:
            text = json.dumps({"uuid": notification["parent"], "event": event})
        now = self._clock.now()
        name = self._ids.token()
        self._store.insert(
            DELIVERY,
            name,
            {
                "id": name,
                "parent": notification["id"],
                "owner": notification["owner"],
                "event": event,
                "url": url,
                "body": text,
                "created": to_iso(now),
                "attempts": 0,
                "expires": now,
            },
        )
        self.ring()

    def forget(self, notification_id: str) -> None:
        """Send nothing more of a notification."""
        self._store.delete_where(DELIVERY, parent=notification_id)

    def start(self) -> None:
        """Send from now on, also what an earlier process left."""
        self._is_on, self._is_ending = True, False
        if self._store.count(DELIVERY):
            self.ring()

    def stop(self) -> None:
        """Stop sending, after what is under way; the rest waits for the next start."""
        self._is_on, self._is_ending = False, True
        with self._bell:
            self._bell.notify_all()
        for thread in self._threads:
            thread.join(_JOIN_S)
        self._threads = []

    def ring(self) -> None:
        """Let the senders look for what is due."""
        if not self._is_on:
            return
        with self._bell:
            self._rings += 1
            self._bell.notify_all()
            if not self._threads:
                self._threads = [
                    threading.Thread(
                        target=self._work, name=f"notifications-{number}", daemon=True
                    )
                    for number in range(_SENDERS)
                ]
                for thread in self._threads:
                    thread.start()

    def wake(self) -> None:
        """Ring if anything waits; cheap enough for every second."""
        if self._is_on and self._store.count(DELIVERY):
            self.ring()

    def send_due(self) -> int:
        """Send what is due, one after the other; tell how many were tried."""
        tried = 0
        while not self._is_ending and (delivery := self._choose()) is not None:
            try:
                self._settle(delivery, self._send(delivery))
            finally:
                with self._choosing:
                    self._busy[_owner_of(delivery)] -= 1
            tried += 1
        return tried

    def _work(self) -> None:
        heard = 0
        while not self._is_ending:
            heard = self._wait(heard)
            try:
                self.send_due()
            except Exception:  # noqa: BLE001 - logged; the next message must be sent all the same
                _log.exception("a notification could not be handled")
        self._store.close()

    def _wait(self, heard: int) -> int:
        """Wait for a ring that was not heard; return how many there were."""
        with self._bell:
            self._bell.wait_for(lambda: self._rings > heard or self._is_ending)
            return self._rings

    def _choose(self) -> Document | None:
        """Take what is due, of somebody for whom not many are sending already."""
        with self._choosing:
            full = [
                name for name, count in self._busy.items() if count >= _MOST_AT_ONCE
            ]
            delivery = self._take(negated(among("owner", full)))
            if delivery is not None:
                # Whoever has nothing under way is forgotten, or it would grow for ever.
                self._busy = +self._busy
                self._busy[_owner_of(delivery)] += 1
        return delivery

    def _take(self, condition: Condition) -> Document | None:
        now = self._clock.now()
        with self._store.transaction():
            # `less` leaves out what is due at this very moment.
            due = less("expires", now + 1e-6) & condition
            found = self._store.select(DELIVERY, due, limit=1)
            if not found:
                return None
            taken = {**found[0], "expires": now + _TAKEN_S}
            self._store.put(DELIVERY, taken["id"], taken)
        return taken

    def _send(self, delivery: Document) -> Outcome:
        headers = {
            "Content-Type": "application/json",
            "X-Agave-Event": delivery["event"],
            # The same at every attempt, so that a receiver can tell.
            "X-Agave-Delivery": delivery["id"],
        }
        try:
            status = self._outgoing.post(
                delivery["url"], delivery["body"].encode(), headers, _SEND_S
            )
        except Refused:
            return Outcome(None, is_good=False, is_final=True)
        except NotDelivered:
            return Outcome(None, is_good=False)
        return Outcome(status, status in _GOOD, is_final=status == _GONE)

    def _settle(self, delivery: Document, outcome: Outcome) -> None:
        """Note how an attempt went, and when the next one is."""
        now = self._clock.now()
        attempts = delivery["attempts"] + 1
        is_over = outcome.is_good or outcome.is_final or attempts >= MOST_ATTEMPTS
        with self._store.transaction():
            if is_over:
                self._store.delete(DELIVERY, delivery["id"])
            else:
                wait = min(FIRST_WAIT_S * 2 ** (attempts - 1), LONGEST_WAIT_S)
                self._store.update(
                    DELIVERY,
                    delivery["id"],
                    lambda found: {
                        **found,
                        "attempts": attempts,
                        "expires": now + wait,
                    },
                )
            self._store.update(
                self._notification,
                delivery["parent"],
                lambda found: _told(found, outcome, is_over=is_over, now=now),
            )


def _owner_of(delivery: Document) -> str:
    """Return whose message it is; those of an earlier version do not say."""
    return str(delivery.get("owner", ""))


def _told(
    notification: Document, outcome: Outcome, *, is_over: bool, now: float
) -> Document:
    """Return a notification that knows how its last attempt went."""
    status = notification["status"]
    if is_over and not notification["persistent"]:
        status = "COMPLETE" if outcome.is_good else "FAILED"
    return {
        **notification,
        "status": status,
        "success": outcome.is_good,
        "attempts": notification["attempts"] + 1,
        "responseCode": outcome.status,
        "lastSent": to_iso(now),
    }
