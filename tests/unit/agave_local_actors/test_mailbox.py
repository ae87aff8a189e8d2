"""Queue and workers of an actor; callers who wait."""

import threading
from itertools import count

import pytest

from agave_local.clock import MovableClock
from agave_local.services.actors.mailbox import Mailbox
from agave_local.services.actors.waiters import Waiters
from agave_local.services.actors.workers import Crew, Plan


@pytest.fixture(name="mailbox")
def _mailbox() -> Mailbox:
    names = count()
    return Mailbox(Crew("actor", lambda: f"w{next(names)}", MovableClock(0)))


def _plan(limit: int) -> Plan:
    return Plan("image", 1, limit=limit, scales=True)


def _take(mailbox: Mailbox) -> tuple[str, str] | None:
    taken = mailbox.take()
    return None if taken is None else (taken[0], taken[1].id)


def test_shut_until_a_worker_is_up(mailbox: Mailbox) -> None:
    """Messages wait while no worker may take them."""
    mailbox.put("a", "ada")

    assert mailbox.take() is None
    assert len(mailbox) == 1


def test_oldest_first_as_many_as_workers(mailbox: Mailbox) -> None:
    """Workers take the oldest messages; the rest waits for them."""
    mailbox.serve(_plan(2), is_open=True)
    mailbox.put("a", "ada")
    mailbox.put("b", "ada")
    mailbox.put("c", "ada")

    taken = [_take(mailbox) for _ in range(3)]

    assert taken == [("a", "w0"), ("b", "w1"), None]
    mailbox.release("a")
    assert _take(mailbox) == ("c", "w0")


def test_executors_take_turns(mailbox: Mailbox) -> None:
    """Whoever posts one message waits behind one of each other, not behind all."""
    mailbox.serve(_plan(9), is_open=True)
    for execution_id in ("a", "b", "c"):
        mailbox.put(execution_id, "ada")
    mailbox.put("d", "bob")
    mailbox.put("e", "eve")

    taken = [_take(mailbox) for _ in range(5)]

    assert [each[0] for each in taken if each] == ["a", "d", "e", "b", "c"]


def test_withdraw(mailbox: Mailbox) -> None:
    """Some messages are taken back; the others keep their place."""
    for execution_id, executor in (("a", "ada"), ("b", "ada"), ("c", "bob")):
        mailbox.put(execution_id, executor)

    withdrawn = mailbox.withdraw(lambda execution_id: execution_id in {"a", "c"})

    assert withdrawn == ["a", "c"]
    assert (mailbox.count("ada"), mailbox.count("bob"), len(mailbox)) == (1, 0, 1)


def test_release_of_nothing(mailbox: Mailbox) -> None:
    """Releasing what no worker has changes nothing."""
    mailbox.serve(_plan(2), is_open=True)
    mailbox.release("nothing")
    mailbox.put("a", "ada")

    assert _take(mailbox) == ("a", "w0")


def test_fewer_workers(mailbox: Mailbox) -> None:
    """A worker above a lowered limit does not come back."""
    mailbox.serve(_plan(2), is_open=True)
    mailbox.put("a", "ada")
    mailbox.put("b", "ada")
    mailbox.put("c", "ada")
    mailbox.put("d", "ada")
    mailbox.take()
    mailbox.take()
    mailbox.serve(_plan(1), is_open=True)

    mailbox.release("a")
    mailbox.release("b")

    assert _take(mailbox) == ("c", "w0")
    assert mailbox.take() is None


def test_room(mailbox: Mailbox) -> None:
    """Who asks for room waits a moment for a worker to make it."""
    mailbox.put("a", "ada")
    mailbox.put("b", "ada")

    assert mailbox.wait_short("ada", 2, 0)
    assert not mailbox.wait_short("ada", 1, 0.01)
    mailbox.serve(_plan(2), is_open=True)
    threading.Timer(0.01, mailbox.take).start()
    assert mailbox.wait_short("ada", 1, 5)


def test_closed(mailbox: Mailbox) -> None:
    """A closed mailbox takes nothing more and tells what it had."""
    mailbox.serve(_plan(1), is_open=True)
    mailbox.put("a", "ada")
    mailbox.put("b", "ada")
    mailbox.take()

    assert mailbox.close() == (["b"], ["a"])
    assert not mailbox.put("c", "ada")
    assert not mailbox.wait_idle(0.01)
    threading.Timer(0.01, mailbox.release, ["a"]).start()
    assert mailbox.wait_idle(5)


def test_only_the_first_news_counts() -> None:
    """A caller is told once: a second frame is nobody's."""
    waiters = Waiters()
    waiter = waiters.add("a")

    assert waiters.take("a") is waiter
    assert waiters.take("a") is None


def test_patience_ends() -> None:
    """Who is not told in time has no answer."""
    waiter = Waiters().add("a")

    assert not waiter.wait(0.01)


def test_abandoned() -> None:
    """Who waits when the tenant stops is let go without an answer."""
    waiters = Waiters()
    waiter = waiters.add("a")

    waiters.abandon()

    assert not waiter.wait(5)
    assert waiters.take("a") is None
