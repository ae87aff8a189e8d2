"""Workers: as many as there is work for, and none of an old revision."""

from itertools import count

import pytest

from agave_local.clock import MovableClock
from agave_local.services.actors.mailbox import Mailbox
from agave_local.services.actors.workers import (
    BUSY,
    PULLING,
    READY,
    REQUESTED,
    SHUTDOWN_REQUESTED,
    SYNC_IDLE_S,
    TTL_S,
    Crew,
    Plan,
)

SCALED = Plan("image", 1, limit=3, scales=True)
FIXED = Plan("image", 1, limit=3)


@pytest.fixture(name="clock")
def _clock() -> MovableClock:
    return MovableClock(1_790_000_000)


@pytest.fixture(name="mailbox")
def _mailbox(clock: MovableClock) -> Mailbox:
    names = count()
    return Mailbox(Crew("actor", lambda: f"w{next(names)}", clock))


def _states(mailbox: Mailbox) -> list[str]:
    return [worker.status for worker in mailbox.workers()]


def _fill(mailbox: Mailbox, *execution_ids: str) -> None:
    for execution_id in execution_ids:
        assert mailbox.put(execution_id, "ada")


def test_life(mailbox: Mailbox, clock: MovableClock) -> None:
    """A worker is requested, waits for its image, is ready, busy and ready again."""
    mailbox.serve(SCALED, is_open=False)
    (worker,) = mailbox.workers()
    assert (worker.id, worker.image, worker.status) == ("w0", "image", PULLING)
    assert (worker.created, worker.last_execution) == (clock.now(), None)
    mailbox.serve(SCALED, is_open=True)
    assert _states(mailbox) == [READY]

    _fill(mailbox, "a")
    mailbox.take()
    assert _states(mailbox) == [BUSY]
    clock.move(5)
    mailbox.release("a")

    assert (worker.status, worker.last_execution) == (READY, clock.now())


def test_without_scaling_there_is_one(mailbox: Mailbox) -> None:
    """Where nothing scales, the next message waits for the one worker."""
    mailbox.serve(FIXED, is_open=True)
    _fill(mailbox, "a", "b")
    mailbox.take()

    assert mailbox.take() is None
    mailbox.review()
    assert _states(mailbox) == [BUSY]


def test_one_is_added_where_all_left(mailbox: Mailbox) -> None:
    """A message brings a worker along where there is none."""
    mailbox.serve(FIXED, is_open=True)
    assert mailbox.dismiss("w0")
    assert mailbox.workers() == []
    _fill(mailbox, "a")

    mailbox.review()
    taken = mailbox.take()

    assert taken is not None
    assert taken[1].id == "w1"


def test_more_where_messages_wait(mailbox: Mailbox) -> None:
    """Each pass adds one worker, up to the limit, while more messages wait."""
    mailbox.serve(SCALED, is_open=True)
    _fill(mailbox, "a", "b", "c", "d", "e")

    sizes = []
    for _ in range(4):
        mailbox.review()
        sizes.append(len(mailbox.workers()))

    assert sizes == [2, 3, 3, 3]


def test_fewer_where_nothing_waits(mailbox: Mailbox) -> None:
    """Ready workers leave an empty queue; busy ones stay."""
    mailbox.serve(SCALED, is_open=True)
    mailbox.staff(3)
    _fill(mailbox, "a")
    mailbox.take()

    mailbox.review()

    assert _states(mailbox) == [BUSY]


def test_without_scaling_all_stay(mailbox: Mailbox) -> None:
    """Workers that an administrator added stay where nothing scales."""
    mailbox.serve(FIXED, is_open=True)
    mailbox.staff(2)

    mailbox.review()

    assert _states(mailbox) == [READY, READY]


def test_sync_keeps_one_for_a_while(mailbox: Mailbox, clock: MovableClock) -> None:
    """The hint `sync` keeps one worker ready, until it had nothing to do for long."""
    plan = Plan("image", 1, limit=3, scales=True, keeps_one=True)
    mailbox.serve(plan, is_open=True)
    mailbox.staff(3)

    mailbox.review()
    assert _states(mailbox) == [READY]
    clock.move(SYNC_IDLE_S - 1)
    mailbox.review()
    assert _states(mailbox) == [READY]
    clock.move(1)
    mailbox.review()

    assert mailbox.workers() == []


def test_idle_for_a_day(mailbox: Mailbox, clock: MovableClock) -> None:
    """A worker that had nothing to do for a day leaves; the others are checked."""
    mailbox.serve(FIXED, is_open=True)
    clock.move(TTL_S - 1)
    mailbox.staff(2)
    clock.move(1)

    mailbox.review()

    (left,) = mailbox.workers()
    assert (left.id, left.checked) == ("w1", clock.now())


def test_shut_is_not_reviewed(mailbox: Mailbox) -> None:
    """While an actor's image is prepared, nothing is added for what waits."""
    mailbox.serve(SCALED, is_open=False)
    _fill(mailbox, "a", "b", "c")

    mailbox.review()

    assert _states(mailbox) == [PULLING]


def test_staff(mailbox: Mailbox) -> None:
    """So many workers at least: what is missing is added, and nothing else."""
    mailbox.serve(SCALED, is_open=False)

    assert mailbox.staff(3) == (2, 1)
    assert mailbox.staff(2) == (0, 3)
    assert _states(mailbox) == [PULLING, REQUESTED, REQUESTED]
    mailbox.serve(SCALED, is_open=True)
    assert _states(mailbox) == [READY] * 3


def test_dismiss(mailbox: Mailbox) -> None:
    """A busy worker leaves after its execution, an idle one at once."""
    mailbox.serve(SCALED, is_open=True)
    mailbox.staff(2)
    _fill(mailbox, "a")
    mailbox.take()

    assert mailbox.dismiss("w0")
    assert mailbox.dismiss("w1")
    assert not mailbox.dismiss("w1")
    assert _states(mailbox) == [SHUTDOWN_REQUESTED]
    mailbox.release("a")

    assert mailbox.workers() == []


def test_new_revision(mailbox: Mailbox) -> None:
    """A new revision has a worker of its own; old ones end what they do."""
    mailbox.serve(SCALED, is_open=True)
    mailbox.staff(2)
    _fill(mailbox, "a", "b")
    mailbox.take()

    mailbox.serve(Plan("other", 2, limit=3, scales=True), is_open=False)

    assert _states(mailbox) == [SHUTDOWN_REQUESTED, PULLING]
    assert mailbox.workers()[1].image == "other"
    assert mailbox.take() is None


def test_up_before_messages_are_taken(mailbox: Mailbox) -> None:
    """A worker is ready before its actor is said to be, and takes nothing till then."""
    mailbox.serve(SCALED, is_open=False)
    _fill(mailbox, "a")

    mailbox.warm_up()

    assert _states(mailbox) == [READY]
    assert mailbox.take() is None
    mailbox.follow(lambda: None)
    assert mailbox.take() is None
    mailbox.follow(lambda: (SCALED, True))
    assert mailbox.take() is not None
    assert _states(mailbox) == [BUSY]


def test_never_two_at_once(mailbox: Mailbox) -> None:
    """Where workers share a state, a new one waits until the old one has left."""
    mailbox.serve(Plan("image", 1, limit=1, alone=True), is_open=True)
    _fill(mailbox, "a", "b")
    mailbox.take()
    mailbox.serve(Plan("image", 2, limit=1, alone=True), is_open=True)

    assert _states(mailbox) == [SHUTDOWN_REQUESTED, READY]
    assert mailbox.take() is None
    mailbox.release("a")
    taken = mailbox.take()
    assert taken is not None
    assert (taken[0], taken[1].revision) == ("b", 2)


def test_hand_back(mailbox: Mailbox) -> None:
    """An old worker hands its message back: it is the next one's, before all others."""
    mailbox.serve(SCALED, is_open=True)
    _fill(mailbox, "a", "b")
    mailbox.put("c", "bob")
    assert mailbox.take()

    kept = mailbox.hand_back("a")
    mailbox.serve(Plan("image", 2, limit=1), is_open=True)

    assert kept
    assert [worker.revision for worker in mailbox.workers()] == [2]
    taken = mailbox.take()
    assert taken is not None
    assert (taken[0], taken[1].revision) == ("a", 2)


def test_hand_back_to_nobody(mailbox: Mailbox) -> None:
    """A message handed back to an actor that is going is lost, and said to be."""
    mailbox.serve(SCALED, is_open=True)
    _fill(mailbox, "a")
    mailbox.take()
    mailbox.close()

    assert not mailbox.hand_back("a")
    assert len(mailbox) == 0
    assert mailbox.staff(2) == (0, 0)
    mailbox.serve(SCALED, is_open=True)
    assert mailbox.workers() == []


def test_given_up(mailbox: Mailbox) -> None:
    """An actor in error has no workers; busy ones end what they do."""
    mailbox.serve(SCALED, is_open=True)
    mailbox.staff(2)
    _fill(mailbox, "a", "b")
    mailbox.take()

    mailbox.give_up(SCALED)

    assert _states(mailbox) == [SHUTDOWN_REQUESTED]
    assert mailbox.take() is None
    mailbox.release("a")
    mailbox.serve(SCALED, is_open=True, request=False)
    assert mailbox.workers() == []
    mailbox.serve(SCALED, is_open=True)
    assert _states(mailbox) == [READY]


def test_paused(mailbox: Mailbox) -> None:
    """A tenant that stops gives no more messages away."""
    mailbox.serve(SCALED, is_open=True)
    _fill(mailbox, "a")

    mailbox.pause()

    assert mailbox.take() is None
