"""Entries of the audit record."""

from hypothesis import given
from hypothesis import strategies as st

from iptweb.administration.audit import AuditLog, Entry, Result, entry_id
from iptweb.testing import FakeTenant

NAMES = st.text(st.characters(codec="utf-8"), max_size=8)


def log() -> AuditLog:
    """Return an empty record."""
    return AuditLog(FakeTenant().as_user("ipt"), "ipt", "test", lambda: 1_800_000_000.0)


def entry(request_id: str = "request-x1") -> Entry:
    """Return an action that begins."""
    return Entry(
        id=entry_id("grace", request_id),
        at="2027-01-15T08:00:00.000Z",
        by="grace",
        action="stop",
        target="ada",
        request_id=request_id,
        launch="l",
    )


@given(NAMES, NAMES, NAMES, NAMES)
def test_requests_are_told_apart(by: str, one: str, other: str, more: str) -> None:
    """An entry's id is of one administrator and of one request."""
    is_same = (by, one) == (other, more)
    has_zero = "\0" in by + one + other + more

    assert has_zero or (entry_id(by, one) == entry_id(other, more)) is is_same


def test_entry_comes_back() -> None:
    """What was put on record before and after an action is read as it was."""
    audit, begun = log(), entry()
    assert audit.find(begun.id) is None

    audit.begin(begun)
    assert audit.find(begun.id) == begun
    audit.end(begun, Result("done", answer={"status": "STOPPED"}))

    found = audit.find(begun.id)
    assert found is not None
    assert found.result == Result("done", answer={"status": "STOPPED"})
    assert found.ended == audit.now()


def test_entries_do_not_mix() -> None:
    """The end of one action is not the end of another."""
    audit, first, second = log(), entry("request-x1"), entry("request-x2")
    audit.begin(first)
    audit.begin(second)
    audit.end(second, Result("refused", "conflict", "No."))

    assert audit.find(first.id) == first
    assert audit.find("") is None


def test_second_beginning_does_not_count() -> None:
    """Of two beginnings the first one stays; the last end counts."""
    audit, begun = log(), entry()
    audit.begin(begun)
    audit.begin(entry())
    audit.end(begun, Result("failed", "terminal_failed", "Away."))
    audit.end(begun, Result("done"))

    found = audit.find(begun.id)

    assert found is not None
    assert (found.at, found.result) == (begun.at, Result("done"))
