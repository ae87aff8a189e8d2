"""What waits for delivery: kept until it is delivered, in order, everybody in turn."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.records.store import Document, Store
from agave_local.services.actors.outbox import Outbox

KIND = "test.waiting"


class Recipient:
    """Takes documents; can be held up.

    Attributes:
        taken: ids, in the order in which they came.
        at_once: the most that were under way at a time.
        gate: what a delivery waits for.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.at_once = 0
        self.gate = threading.Event()
        self.gate.set()
        self._lock = threading.Lock()
        self._under_way = 0

    def __call__(self, document: Document) -> None:
        """Take one."""
        with self._lock:
            self.taken.append(document["id"])
            self._under_way += 1
            self.at_once = max(self.at_once, self._under_way)
        assert self.gate.wait(10)
        with self._lock:
            self._under_way -= 1
        if document["id"].startswith("bad"):
            raise RuntimeError(document["id"])


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "test.sqlite")
    yield store
    store.close()


@pytest.fixture(name="recipient")
def _recipient() -> Recipient:
    return Recipient()


@pytest.fixture(name="open_outbox")
def _open_outbox(store: Store, recipient: Recipient) -> Iterator[Callable[..., Outbox]]:
    opened: list[Outbox] = []

    def open_outbox(threads: int = 4, most: int = 100) -> Outbox:
        outbox = Outbox(store, KIND, recipient, threads=threads, most=most)
        opened.append(outbox)
        outbox.start()
        return outbox

    yield open_outbox
    recipient.gate.set()
    for outbox in opened:
        outbox.stop()


def _document(name: str, parent: str = "p", owner: str = "o") -> dict[str, Any]:
    return {"id": name, "parent": parent, "owner": owner}


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_deliver_and_remove(
    store: Store, recipient: Recipient, open_outbox: Callable[..., Outbox]
) -> None:
    """What is inserted is delivered once, in order, and is gone then."""
    outbox = open_outbox()
    for number in range(20):
        assert outbox.insert(_document(f"{number:02}"))
    _wait(lambda: not store.count(KIND))
    assert recipient.taken == [f"{number:02}" for number in range(20)]
    assert recipient.at_once == 1


def test_deliver_what_is_committed(
    store: Store, recipient: Recipient, open_outbox: Callable[..., Outbox]
) -> None:
    """Nothing is delivered of a change that is taken back, nor before it is made."""
    outbox = open_outbox()

    def fail() -> None:
        with store.transaction():
            outbox.insert(_document("never"))
            time.sleep(0.02)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.transaction():
        outbox.insert(_document("later"))
        time.sleep(0.05)
        assert not recipient.taken
    _wait(lambda: recipient.taken == ["later"])


def test_what_fails_is_forgotten(
    store: Store, recipient: Recipient, open_outbox: Callable[..., Outbox]
) -> None:
    """A delivery that fails is logged, and the next one has its turn."""
    outbox = open_outbox()
    outbox.insert(_document("bad"))
    outbox.insert(_document("good"))
    _wait(lambda: not store.count(KIND))
    assert recipient.taken == ["bad", "good"]


def test_a_slow_owner_holds_up_nobody_else(
    recipient: Recipient, open_outbox: Callable[..., Outbox]
) -> None:
    """One owner has half of the threads at most."""
    recipient.gate.clear()
    outbox = open_outbox(threads=4)
    for number in range(6):
        outbox.insert(_document(f"slow{number}", parent=f"s{number}", owner="slow"))
    _wait(lambda: len(recipient.taken) == 2)
    outbox.insert(_document("quick", parent="q", owner="quick"))
    _wait(lambda: "quick" in recipient.taken)
    # The two were taken by two threads, so either may have been noted first.
    assert set(recipient.taken[:2]) == {"slow0", "slow1"}
    assert recipient.taken[2:3] == ["quick"]
    recipient.gate.set()
    _wait(lambda: len(recipient.taken) == 7)
    assert recipient.at_once == 3


def test_an_owner_fills_nothing_but_their_own(
    store: Store, recipient: Recipient, open_outbox: Callable[..., Outbox]
) -> None:
    """Beyond so many, what an owner adds is dropped; others are not concerned."""
    recipient.gate.clear()
    outbox = open_outbox(most=3)
    kept = [outbox.insert(_document(f"{number}", owner="many")) for number in range(5)]
    assert kept == [True, True, True, False, False]
    assert outbox.insert(_document("other", parent="x", owner="other"))
    assert store.count(KIND) == 4


def test_what_waits_is_kept_for_the_next_start(
    store: Store, recipient: Recipient, open_outbox: Callable[..., Outbox]
) -> None:
    """A stop finishes what is under way and keeps the rest."""
    outbox = open_outbox(threads=1)
    recipient.gate.clear()
    for number in range(3):
        outbox.insert(_document(f"{number}"))
    _wait(lambda: len(recipient.taken) == 1)
    stopping = threading.Thread(target=outbox.stop)
    stopping.start()
    _wait(lambda: not outbox.is_open)
    recipient.gate.set()
    stopping.join()
    assert recipient.taken == ["0"]
    assert [each["id"] for each in store.find(KIND)] == ["1", "2"]
    outbox.insert(_document("3"))
    assert recipient.taken == ["0"]
    open_outbox(threads=1)
    _wait(lambda: recipient.taken == ["0", "1", "2", "3"])
