"""Containers whose limits are reached: what ends, and what goes on."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from iptweb.settings import TerminalLimits
from iptweb.terminals.host import Ended, Ending

pytestmark = pytest.mark.needs("podman", "debootstrap")

NAME = "alice-dev-IPT"
HUNGRY = "data = []\nwhile True: data.append(bytearray(1 << 20))\n"
BOMB = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except OSError as error:
    print("stopped", made, error.strerror)
"""


def wait_until(is_so: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is so, or time is up."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_program_that_takes_too_much_memory_is_killed(start_shell: Any) -> None:
    """The program ends, the terminal does not."""
    shell = start_shell(limits=TerminalLimits(memory_bytes=128 << 20))

    assert "Killed" in shell.python(HUNGRY)
    assert shell("echo alive") == "alive\n"


def test_temporary_files_count_as_memory(start_shell: Any) -> None:
    """The temporary folder has its size, and can't be grown."""
    shell = start_shell(limits=TerminalLimits(temporary_bytes=8 << 20))

    said = shell("head -c 9M /dev/zero > /tmp/big; stat -c %s /tmp/big; rm /tmp/big")

    assert "No space left on device" in said
    assert f"{8 << 20}\n" in said


def test_shell_that_takes_too_much_memory_is_told(start_shell: Any, place: Any) -> None:
    """A terminal that ended for its memory says so afterwards."""
    shell = start_shell(limits=TerminalLimits(memory_bytes=128 << 20))
    (place.homes / "alice/hungry.py").write_text(HUNGRY)
    shell.client.send("exec python3 ~/hungry.py\n")
    host = place.host()
    wait_until(lambda: host.ended(NAME))

    assert host.ended(NAME) == Ended("launch-1", Ending.MEMORY)
    assert host.inspect(NAME) is None


def test_fork_bomb_stops_at_the_limit(start_shell: Any) -> None:
    """Processes run out in this terminal alone, and it goes on."""
    shell = start_shell(limits=TerminalLimits(processes=48))

    said = shell.python(BOMB)

    assert "Resource temporarily unavailable" in said
    assert int(said.split()[1]) < 48
    assert shell("pkill -f program.py; sleep 0.2; echo alive") == "alive\n"
    assert shell("echo $(ls /dev/null)") == "/dev/null\n"


def test_file_does_not_grow_over_its_limit(start_shell: Any, place: Any) -> None:
    """One file takes so much of the disk, and no more."""
    shell = start_shell(limits=TerminalLimits(file_bytes=1 << 20))

    shell("head -c 2M /dev/zero > ~/big")

    assert (place.homes / "alice/big").stat().st_size == 1 << 20


def test_processor_is_shared_out(start_shell: Any) -> None:
    """A loop gets the part of a processor that it may have."""
    shell = start_shell(limits=TerminalLimits(processors=0.25))
    program = (
        "import time\nend, start = time.time() + 1, time.process_time()\n"
        "while time.time() < end: pass\nprint(time.process_time() - start)\n"
    )

    assert float(shell.python(program)) < 0.5
