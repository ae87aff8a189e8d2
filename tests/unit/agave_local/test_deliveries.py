"""Messages of many owners, sent side by side."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.clock import Ids
from agave_local.outgoing.policy import NOWHERE, Delivery, Outgoing
from agave_local.records.store import Store
from agave_local.services.notifications.deliveries import DELIVERY, Deliveries
from agave_local.testing import FakeClock

HOOK = "https://hooks.example/"
_WAIT_S = 10


class Tarpit:
    """Takes messages; some addresses hang until it is drained.

    Attributes:
        hanging: how many hang by now.
        got: addresses that were answered.
    """

    def __init__(self) -> None:
        self.hanging = threading.Semaphore(0)
        self.drained = threading.Event()
        self.got: list[str] = []
        self.heard = threading.Condition()

    def __call__(self, delivery: Delivery) -> int:
        """Answer, or hang."""
        if delivery.url.endswith("/hang"):
            self.hanging.release()
            self.drained.wait(_WAIT_S)
        with self.heard:
            self.got.append(delivery.url)
            self.heard.notify_all()
        return 200

    def wait_for(self, url: str) -> bool:
        """Tell whether an address is answered in time."""
        with self.heard:
            return self.heard.wait_for(lambda: url in self.got, _WAIT_S)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "x.sqlite")
    yield store
    store.close()


@pytest.fixture(name="tarpit")
def _tarpit() -> Tarpit:
    return Tarpit()


@pytest.fixture(name="deliveries")
def _deliveries(store: Store, tarpit: Tarpit) -> Iterator[Deliveries]:
    outgoing = Outgoing(NOWHERE)
    outgoing.register(HOOK, tarpit)
    deliveries = Deliveries(store, FakeClock(), Ids(1), outgoing, "notification")
    deliveries.start()
    yield deliveries
    tarpit.drained.set()
    deliveries.stop()


def _add(deliveries: Deliveries, owner: str, url: str) -> None:
    notification = {"id": f"of-{owner}", "parent": "thing", "owner": owner}
    deliveries.add(notification, "UPDATED", url, {})


def test_who_waits_for_nothing_holds_up_nobody(
    deliveries: Deliveries, tarpit: Tarpit
) -> None:
    """However many messages of one owner hang, another's goes out at once."""
    for _ in range(40):
        _add(deliveries, "mallory", f"{HOOK}hang")
    assert tarpit.hanging.acquire(timeout=_WAIT_S)
    assert tarpit.hanging.acquire(timeout=_WAIT_S)

    _add(deliveries, "anna", f"{HOOK}anna")

    assert tarpit.wait_for(f"{HOOK}anna")
    assert not tarpit.hanging.acquire(blocking=False)


def test_all_are_sent_in_the_end(
    deliveries: Deliveries, tarpit: Tarpit, store: Store
) -> None:
    """Whoever has many messages gets all of them out, one after the other."""
    for number in range(30):
        _add(deliveries, "anna", f"{HOOK}{number}")

    assert all(tarpit.wait_for(f"{HOOK}{number}") for number in range(30))
    deliveries.stop()
    assert store.count(DELIVERY) == 0
    assert sorted(tarpit.got) == sorted({f"{HOOK}{number}" for number in range(30)})


def test_send_what_an_earlier_version_left(
    deliveries: Deliveries, tarpit: Tarpit, store: Store
) -> None:
    """A message that does not say whose it is goes out like any other."""
    left = {"id": "old", "parent": "gone", "event": "X", "url": f"{HOOK}old"}
    store.insert(DELIVERY, "old", {**left, "body": "{}", "attempts": 0, "expires": 1})

    deliveries.wake()

    assert tarpit.wait_for(f"{HOOK}old")
