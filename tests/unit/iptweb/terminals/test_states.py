"""States and legal moves."""

import itertools

import pytest

from iptweb.errors import IllegalTransition
from iptweb.terminals.states import LEGAL, MESSAGES, Status, check_move

MOVES = list(itertools.product(Status, Status))


@pytest.mark.parametrize(("old", "new"), MOVES)
def test_table_decides(old: Status, new: Status) -> None:
    """A move is made exactly where the table has it; staying is always legal."""
    if old is new or new in LEGAL[old]:
        check_move(old, new)
        return
    with pytest.raises(IllegalTransition, match=f"that is {old} can't become {new}"):
        check_move(old, new)


def test_every_state_can_fail_and_be_started_again() -> None:
    """From every state there is a way to ERROR, and from every state back to READY."""
    for state in Status:
        assert state is Status.ERROR or Status.ERROR in LEGAL[state]
        reached = {state}
        while more := {new for old in reached for new in LEGAL[old]} - reached:
            reached |= more
        assert Status.READY in reached


def test_every_state_has_a_sentence() -> None:
    """A person is told what each state means."""
    assert set(MESSAGES) == set(Status)
