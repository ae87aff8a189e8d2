"""Work of several owners that takes turns."""

import threading

from agave_local.services.files.turns import Turns


def test_owners_take_turns() -> None:
    """Whoever has much to do does not come before whoever has little."""
    turns = Turns(10)
    for work in ("a1", "a2", "a3"):
        turns.put("anna", work)
    turns.put("bob", "b1")

    taken = [turns.take() for _ in range(4)]

    assert taken == [("anna", "a1"), ("bob", "b1"), ("anna", "a2"), ("anna", "a3")]


def test_nobody_has_every_thread() -> None:
    """What is under way of one owner is limited, and the next begins as one ends."""
    turns = Turns(2)
    for work in ("a1", "a2", "a3"):
        turns.put("anna", work)
    assert [turns.take(), turns.take()] == [("anna", "a1"), ("anna", "a2")]
    taken: list[object] = []
    waiter = threading.Thread(target=lambda: taken.append(turns.take()))
    waiter.start()
    turns.put("bob", "b1")
    waiter.join()
    assert taken == [("bob", "b1")]

    turns.end("anna")

    assert turns.take() == ("anna", "a3")


def test_the_end() -> None:
    """Who waits as it is closed gets nothing."""
    turns = Turns(1)
    taken: list[object] = []
    waiter = threading.Thread(target=lambda: taken.append(turns.take()))
    waiter.start()

    turns.close()
    waiter.join()

    assert taken == [None]
