"""What a sandbox terminal may use, and what is left where one ends or never began."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iptweb.settings.terminals import TerminalLimits
from iptweb.terminals.host import Ending, LaunchRequest, SandboxHost
from iptweb.terminals.host.folder import TerminalFolder
from iptweb.terminals.host.start import Plan
from sandbox import find_missing_limits

pytestmark = pytest.mark.needs("bubblewrap")

NAME = "alice-dev-IPT"
MIB = 1 << 20
Start = Callable[..., Any]
needs_groups = pytest.mark.skipif(
    bool(find_missing_limits()), reason="no control groups can be made here"
)


@needs_groups
def test_memory_limit_holds(start: Start) -> None:
    """The program that takes too much is ended and says so; the terminal is not."""
    inside = start(memory_bytes=128 * MIB)

    found = inside.python("x = bytearray(1 << 30)\n")

    assert "Killed" in found
    assert inside("echo alive") == "alive\n"


@needs_groups
def test_terminal_that_memory_ended_says_so(start: Start, place: Any) -> None:
    """The shell itself took too much."""
    inside = start(memory_bytes=128 * MIB)
    (inside.home / "hog.py").write_text("x = bytearray(1 << 30)\n")
    with place.open(inside.launched) as terminal:
        terminal.send(f"exec {sys.executable} ~/hog.py\n")
        assert terminal.wait_for_exit() == 137
    ended = wait_for_end(inside.host)

    assert ended is not None
    assert ended.ending is Ending.MEMORY


def wait_for_end(host: SandboxHost) -> Any:
    """Return what is known of a terminal that is about to end."""
    for _ in range(100):
        if host.inspect(NAME) is None:
            break
        time.sleep(0.02)
    return host.ended(NAME)


@needs_groups
def test_fork_bomb_is_contained(start: Start, place: Any) -> None:
    """Neither this machine nor the terminal's server suffers, and stop ends it all."""
    inside = start(processes=64, processors=0.5)
    group = inside.host.group_of(NAME)
    with place.open(inside.launched) as terminal:
        terminal.send("bomb() { bomb | bomb & }; bomb 2>/dev/null\n")
        terminal.send("echo still-here\n")
        deadline = time.monotonic() + 10
        while len(group.processes()) < 60 and time.monotonic() < deadline:
            time.sleep(0.05)

        assert 60 <= len(group.processes()) <= 64
        assert subprocess.run(["/bin/true"], check=False).returncode == 0
        assert inside.host.inspect(NAME) == inside.launched
    started = time.monotonic()
    assert inside.host.stop(NAME) is True
    assert time.monotonic() - started < 8
    assert group.processes() == set()
    assert not any(folder.exists() for folder in group.folders)


@needs_groups
def test_processor_limit_holds(start: Start) -> None:
    """A busy loop gets its share and no more."""
    inside = start(processors=0.2)
    used = inside(
        "timeout 1 sh -c 'while :; do :; done'; awk '{print $16 + $17}' /proc/$$/stat"
    )

    assert int(used.splitlines()[-1]) < 50  # hundredths of a second


def test_sizes_are_limited(start: Start) -> None:
    """Large files, many files, full temporary folders; and no core files."""
    inside = start(file_bytes=4 * MIB, open_files=64, temporary_bytes=MIB)
    found = inside(
        "head -c 9M /dev/zero > ~/big; stat -c %s ~/big; ulimit -n; ulimit -c;"
        "head -c 3M /dev/zero > /tmp/big; stat -c %s /tmp/big;"
        "head -c 3M /dev/zero > /dev/shm/big; stat -c %s /dev/shm/big"
    ).splitlines()

    assert [line for line in found if line.isdigit()] == [
        *(str(4 * MIB), "64", "0", str(MIB), str(MIB)),
    ]


class OutsideHost(SandboxHost):
    """A host whose processes may not be moved into the groups that it makes."""

    def plan(
        self, folder: TerminalFolder, request: LaunchRequest, *, grouped: bool = True
    ) -> Plan:
        """Name a way in that is none."""
        plan = super().plan(folder, request, grouped=grouped)
        if not grouped:
            return plan
        return replace(plan, entrances=(folder.path / "missing/cgroup.procs",))


def test_terminal_starts_where_groups_can_not_be_used(
    place: Any, type_in: Callable[..., str]
) -> None:
    """Then each process has limits of its own, and no group is left."""
    limits = TerminalLimits(memory_bytes=256 * MIB, processes=40)
    host = OutsideHost(place.run_dir, python=Path(sys.executable), limits=limits)
    launched = host.launch(place.request())

    assert host.group_of(NAME).folders == ()
    assert place.groups() == []
    assert type_in(launched, "ulimit -d; ulimit -u") == f"{256 * 1024}\n40\n"
    hog = f"{sys.executable} -c 'bytearray(1 << 30)' 2>&1"
    assert "MemoryError" in type_in(launched, hog)


def test_stop_leaves_no_group(start: Start, place: Any) -> None:
    """Nor does a terminal that was killed, once it is cleared."""
    inside = start()
    folders = inside.host.group_of(NAME).folders
    assert all(folder.is_dir() for folder in folders)

    os.kill(read_pid(place), signal.SIGKILL)
    for _ in range(100):
        if inside.host.inspect(NAME) is None:
            break
        time.sleep(0.02)

    assert inside.host.stop(NAME) is False
    assert not any(folder.exists() for folder in folders)


@needs_groups
def test_program_that_outlived_its_terminal_is_ended(start: Start) -> None:
    """What is in the group belongs to the terminal, whatever became of it."""
    inside = start()
    group = inside.host.group_of(NAME)
    stray = subprocess.Popen(["/bin/sleep", "60"])
    for entrance in group.entrances():
        entrance.write_text(str(stray.pid))

    assert inside.host.stop(NAME) is True
    assert stray.wait(5) == -signal.SIGKILL


def read_pid(place: Any) -> int:
    """Return the process that is written down for Alice's terminal."""
    text = (place.run_dir / NAME / "pid").read_text()
    return int(json.loads(text)["process"]["pid"])


LAUNCHER = """
import json, sys
from pathlib import Path
from iptweb.terminals.host import LaunchRequest, SandboxHost
run_dir, values = json.loads(sys.argv[1])
values |= {"home": Path(values["home"]), "origins": tuple(values["origins"])}
host = SandboxHost(Path(run_dir), python=Path(sys.executable))
print("ready", flush=True)
for line in sys.stdin:
    name, user, launch = line.split()
    home = values["home"].parent / user
    wanted = values | {"name": name, "user": user, "launch": launch, "home": home}
    launched = host.launch(LaunchRequest(**wanted))
    print(launched.name, launched.launch, launched.url, flush=True)
"""


@pytest.fixture(name="launchers")
def _launchers(place: Any) -> Iterator[Callable[[int], list[subprocess.Popen[str]]]]:
    made: list[subprocess.Popen[str]] = []
    wanted = place.request()
    values = vars(wanted) | {"home": str(wanted.home), "origins": list(wanted.origins)}

    def make(number: int) -> list[subprocess.Popen[str]]:
        """Start processes that launch whatever they are told."""
        made.extend(
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    LAUNCHER,
                    json.dumps([str(place.run_dir), values]),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(number)
        )
        for process in made[-number:]:
            assert read_line(process) == "ready\n"
        return made[-number:]

    yield make
    for process in made:
        process.kill()
        process.communicate()


def read_line(process: subprocess.Popen[str]) -> str:
    """Return the next line that a launcher prints."""
    assert process.stdout is not None
    return process.stdout.readline()


def ask(process: subprocess.Popen[str], name: str, user: str, launch: str) -> None:
    """Have a launcher launch."""
    assert process.stdin is not None
    process.stdin.write(f"{name} {user} {launch}\n")
    process.stdin.flush()


def test_launcher_that_is_killed_leaves_nothing_unknown(
    place: Any, launchers: Callable[[int], list[subprocess.Popen[str]]]
) -> None:
    """At whatever moment: the terminal is written down, or there is none at all."""
    host = SandboxHost(place.run_dir, python=Path(sys.executable))
    found = set()
    for number, launcher in enumerate(launchers(10)):
        name = f"user{number}-dev-IPT"
        ask(launcher, name, f"user{number}", f"launch-{number}")
        time.sleep(0.03 * number)
        launcher.kill()
        launcher.wait()
        assert wait_for_settling(host, name)
        found.add(host.stop(name))

        assert [path for path in place.groups() if path.name.startswith(name)] == []
        assert not (place.run_dir / name).exists()
    assert found == {False, True}


def wait_for_settling(host: SandboxHost, name: str) -> bool:
    """Wait until only the terminal that is known is in its group, or nothing."""
    for _ in range(200):
        there = host.group_of(name).processes()
        if bool(there) == (host.inspect(name) is not None):
            return True
        time.sleep(0.02)
    return False


def test_fifty_users_start_at_once(
    place: Any, launchers: Callable[[int], list[subprocess.Popen[str]]]
) -> None:
    """A hundred messages in a few processes make fifty terminals within ten seconds."""
    users = [f"user{number}" for number in range(50)]
    orders = [(user, f"{user}-{which}") for which in ("a", "b") for user in users]
    processes = launchers(8)
    started = time.monotonic()

    def work(number: int) -> list[str]:
        lines = []
        for user, launch in orders[number::8]:
            ask(processes[number], f"{user}-dev-IPT", user, launch)
            lines.append(read_line(processes[number]))
        return lines

    with ThreadPoolExecutor(8) as pool:
        answers = {line for lines in pool.map(work, range(8)) for line in lines}
    seconds = time.monotonic() - started
    host = SandboxHost(place.run_dir, python=Path(sys.executable))
    living = host.living()
    with ThreadPoolExecutor(8) as pool:
        stopped = list(pool.map(host.stop, [terminal.name for terminal in living]))
    sys.stdout.write(f"fifty terminals, a hundred messages: {seconds:.2f} s\n")

    assert len(answers) == 50
    assert {terminal.name for terminal in living} == {f"{u}-dev-IPT" for u in users}
    assert {f"{t.name} {t.launch} {t.url}\n" for t in living} == answers
    assert stopped == [True] * 50
    assert place.groups() == []
    assert seconds < 10


def test_names_that_meet_in_two_folders_do_not_meet_in_groups(
    place: Any, tmp_path: Path
) -> None:
    """Two instances on one machine may have a terminal of the same name."""
    here = SandboxHost(place.run_dir, python=Path(sys.executable))
    there = SandboxHost(tmp_path / "other", python=Path(sys.executable))
    here.launch(place.request())
    there.launch(place.request(launch=secrets.token_hex(4)))

    assert set(here.group_of(NAME).folders).isdisjoint(there.group_of(NAME).folders)
    there.stop(NAME)
    assert here.inspect(NAME) is not None
