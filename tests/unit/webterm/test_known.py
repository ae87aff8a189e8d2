"""What a client makes of the frames that come."""

import pytest

from webterm.known import Known
from webterm.protocol import BadFrame, encode


def test_output_is_counted_in_order() -> None:
    """A byte that is doubled or missing is a fault of the server, and said."""
    known = Known(seen=5)
    known.count(5, b"abc")

    assert known.seen == 8
    for position in (5, 9):
        with pytest.raises(BadFrame, match="not in order"):
            known.count(position, b"x")


def test_gaps_are_added_up() -> None:
    """What was left out is known, and where the output goes on."""
    known = Known()
    known.note(encode("skipped", **{"from": 100, "skipped": 100}))
    known.note(encode("skipped", **{"from": 150, "skipped": 50}))

    assert (known.seen, known.skipped) == (150, 150)


def test_news_of_a_newer_server_is_passed_over() -> None:
    """A frame of an unknown type changes nothing."""
    known = Known()
    known.note(encode("dance", writer=True))
    known.note(encode("error", code="not_writer", message="No."))

    assert (known.writer, known.errors) == (False, ["not_writer"])


def test_older_server_has_no_limits() -> None:
    """A welcome without them says: never."""
    known = Known()
    values = {"from": 3, "skipped": 3, "end": 9, "writer": True, "viewers": 1}
    known.note(encode("welcome", version=1, launch="launch-1", **values))

    assert (known.welcome.idle_s, known.welcome.max_age_s) == (0, 0)
    assert (known.seen, known.skipped, known.writer) == (3, 3, True)
