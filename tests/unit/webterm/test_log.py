"""What a server logs of those it refuses."""

import subprocess
import sys
from pathlib import Path

from webterm.log import Refusals
from webterm.testing import ManualTimers


def test_a_flood_of_refusals_is_a_few_lines() -> None:
    """The first of a kind is told at once, the others once a minute as a number."""
    timers, lines = ManualTimers(), list[str]()
    refusals = Refusals(timers, lines.append)
    for _ in range(1000):
        refusals.add("ticket_forged")
        timers.move(0.125)
    refusals.add("bad_frame")
    timers.move(60)

    assert lines == [
        "refused a client: ticket_forged",
        "refused 479 more in a minute: ticket_forged",
        "refused 480 more in a minute: ticket_forged",
        "refused a client: bad_frame",
        "refused 40 more in a minute: ticket_forged",
    ]


def test_quiet_minutes_are_not_told() -> None:
    """After a minute without any, the next one is a first one again."""
    timers, lines = ManualTimers(), list[str]()
    refusals = Refusals(timers, lines.append)
    refusals.add("bad_frame")
    timers.move(61)
    refusals.add("bad_frame")

    assert lines == ["refused a client: bad_frame"] * 2
    assert timers.waiting == 1


def test_full_disk_ends_nothing() -> None:
    """A line that can't be written is lost, and that is all."""
    script = "from webterm.log import write_line; write_line('lost'); print('on')"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=full,
            check=True,
        )

    assert done.stdout == b"on\n"
