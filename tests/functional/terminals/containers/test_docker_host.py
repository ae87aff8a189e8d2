"""Terminals in containers of this machine's engine: start, find, adopt and end."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from iptweb.errors import LaunchFailed
from iptweb.settings import EngineHost
from iptweb.terminals.host import Ended, Ending, Launched
from webterm import TerminalClosed

pytestmark = pytest.mark.needs("podman", "debootstrap")

NAME = "alice-dev-IPT"
# A launcher that is killed right before a step of its engine or its door.
LAUNCHER = """
import json, os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from iptweb.settings import EngineHost
from iptweb.terminals.host import LaunchRequest
from iptweb.terminals.host.containers import DockerHost
from iptweb.terminals.host.containers import place

given = json.loads(sys.argv[1])

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Door:
    def __init__(self, opened):
        self.__dict__.update(port=opened.port, name=opened.name, mounts=opened.mounts)
        self.opened = opened
    def hand_over(self, *given_on):
        if step == "hand_over":
            die()
        self.opened.hand_over(*given_on)
        if step == "ready":
            die()

class Engine:
    def __init__(self, inner):
        self.inner = inner
    def __getattr__(self, name):
        return die if name == step else getattr(self.inner, name)

class Doors(Engine):
    @contextmanager
    def open(self, *given_on):
        with self.inner.open(*given_on) as opened:
            yield Door(opened)

class Place(place.LocalPlace):
    @contextmanager
    def connect(self):
        with super().connect() as reach:
            yield place.Reach(Engine(reach.engine), Doors(reach.door), reach.homes)

step = given["step"]
values = given["request"]
values |= {"home": Path(values["home"]), "origins": tuple(values["origins"])}
where = EngineHost("here", given["engine"], "127.0.0.1")
host = DockerHost(where, instance="dev", home_root=Path(given["homes"]),
                  run_dir=Path(given["run_dir"]), image=given["image"],
                  place=Place(where, Path(given["run_dir"])))
launched = host.launch(LaunchRequest(**values))
print(json.dumps([launched.launch, launched.url]), flush=True)
die()
"""


def launch_elsewhere(place: Any, launch: str, step: str = "") -> str:
    """Launch in a process of its own, which is killed before a step or at the end."""
    wanted = place.request(launch=launch)
    given = {
        "request": vars(wanted)
        | {"home": str(wanted.home), "origins": list(wanted.origins)},
        "step": step,
        "engine": place.engine,
        "homes": str(place.homes),
        "run_dir": str(place.run_dir),
        "image": place.image,
    }
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout


def wait_until(is_so: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is so, or time is up."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_terminal_starts_and_answers(place: Any, type_in: Any) -> None:
    """A launched terminal is a shell in the user's own home."""
    launched = place.host().launch(place.request())

    assert launched.name == NAME
    assert launched.launch == "launch-1"
    assert launched.host == "here"
    assert abs(launched.started - time.time()) < 30
    assert type_in(launched, "echo $((6 * 7)); pwd") == "42\n/home/ipt\n"
    assert type_in(launched, "cd; echo hi > note; cat note") == "hi\n"
    assert (place.homes / "alice/note").read_text() == "hi\n"
    assert (place.homes / "alice/note").stat().st_uid == 1000


def test_terminal_starts_quickly(place: Any) -> None:
    """From the request to the prompt it takes a moment; bench/terminal.py measures."""
    times = []
    host = place.host()
    for launch in range(3):
        started = time.monotonic()
        with place.open(host.launch(place.request(launch=f"l{launch}"))) as terminal:
            terminal.read_until("$ ")
        times.append(time.monotonic() - started)
        host.stop(NAME)

    assert min(times) < 4


def test_image_runs_ipt_on_its_samples(place: Any, type_in: Any) -> None:
    """A new home has the samples, and the parallelizer is there."""
    launched = place.host().launch(place.request())

    assert "heat.c" in type_in(launched, "cd; ls samples *.c")
    assert "usage" in type_in(launched, "ipt --help").lower()


def test_twenty_launches_at_once_are_one_container(place: Any) -> None:
    """However many press Start at once, one terminal runs, and all get that one."""
    barrier = threading.Barrier(20)

    def launch(number: int) -> Launched:
        barrier.wait()
        launched: Launched = place.host().launch(place.request(launch=f"l{number}"))
        return launched

    with ThreadPoolExecutor(20) as pool:
        results = set(pool.map(launch, range(20)))

    assert len(results) == 1
    assert len(place.everything()) == 1
    assert place.host().living() == list(results)


def test_launches_from_other_processes_are_one_container(place: Any) -> None:
    """Processes that know nothing of each other agree, too."""
    with ThreadPoolExecutor(3) as pool:
        answers = set(pool.map(lambda n: launch_elsewhere(place, f"l{n}"), range(3)))

    assert len(answers) == 1
    assert len(place.everything()) == 1


def test_terminal_outlives_its_launcher(place: Any) -> None:
    """Everything but the engine is killed; a client comes back and misses no byte."""
    launch_elsewhere(place, "launch-1")
    found = place.host().inspect(NAME)
    assert found is not None
    with place.open(found) as terminal:
        terminal.send("kept=yes\necho fir''st\n")
        terminal.read_until("first\r\n")
        seen = terminal.seen

    again = place.host().launch(place.request(launch="launch-2"))
    with place.open(again, seen=seen) as terminal:
        terminal.send("echo kept $kept\n")

        assert again == found
        assert b"first" not in terminal.read_until("kept yes\r\n")


@pytest.mark.parametrize("step", ["create", "start", "hand_over"])
def test_launcher_that_is_killed_leaves_no_terminal(place: Any, step: str) -> None:
    """What it left is found to be dead at once, and the next launch clears it."""
    assert launch_elsewhere(place, "dead", step) == ""
    host = place.host()

    assert host.inspect(NAME) is None
    started = time.monotonic()
    launched = host.launch(place.request(launch="alive"))
    assert time.monotonic() - started < 10
    assert launched.launch == "alive"
    assert len(place.everything()) == 1


def test_launcher_that_is_killed_after_the_handover(place: Any) -> None:
    """The terminal has all that it needs, and is adopted."""
    assert launch_elsewhere(place, "first", "ready") == ""

    assert place.host().launch(place.request(launch="second")).launch == "first"


def test_leftovers_are_cleared_by_looking(place: Any) -> None:
    """A container that was never started, and folders, are gone after two minutes."""
    launch_elsewhere(place, "dead", "start")
    (folder,) = place.run_dir.glob("*/door-*")
    long_ago = time.time() - 200
    os.utime(folder, (long_ago, long_ago))

    assert place.host().living() == []
    assert len(place.everything()) == 1
    assert place.host(clock=lambda: time.time() + 200).living() == []
    assert place.everything() == []
    assert not folder.exists()


def test_nothing_is_left_of_a_start(place: Any) -> None:
    """The door's folder is needed for the start alone."""
    place.host().launch(place.request())

    assert list(place.run_dir.glob("*/*")) == []


def test_stop_ends_everything(place: Any, type_in: Any) -> None:
    """After stop nothing runs, nothing is left, and files of the user stay."""
    host = place.host()
    launched = host.launch(place.request())
    type_in(launched, "cd; touch kept; sleep 1000 &")

    assert host.stop(NAME) is True
    assert host.inspect(NAME) is None
    assert host.living() == []
    assert host.ended(NAME) is None
    assert host.stop(NAME) is False
    assert place.everything() == []
    assert (place.homes / "alice/kept").exists()


def test_program_that_does_not_end_is_killed(place: Any, type_in: Any) -> None:
    """Stop takes a few seconds at most, whatever a program does about it."""
    host = place.host()
    launched = host.launch(place.request())
    type_in(launched, "trap '' TERM HUP; (trap '' TERM HUP; sleep 1000) &")
    started = time.monotonic()

    assert host.stop(NAME) is True
    assert time.monotonic() - started < 10


def test_after_the_end_it_is_known_how(place: Any) -> None:
    """A shell that was left by `exit` says so until the next one starts."""
    host = place.host()
    with place.open(host.launch(place.request(launch="first"))) as terminal:
        terminal.send("exit 3\n")
        assert terminal.wait_for_exit() == 3
    wait_until(lambda: host.ended(NAME))

    assert host.ended(NAME) == Ended("first", Ending.EXIT)
    assert host.inspect(NAME) is None
    assert host.living() == []
    assert host.stop(NAME) is False

    with place.open(host.launch(place.request(launch="second"))) as terminal:
        terminal.send("exit\n")
        terminal.wait_for_exit()
    wait_until(lambda: host.ended(NAME))
    assert host.launch(place.request(launch="third")).launch == "third"
    assert host.ended(NAME) is None


def test_terminal_ends_itself_when_it_is_old(place: Any) -> None:
    """The limits of age and idleness are the server's to keep; the host is told."""
    host = place.host()
    host.launch(replace(place.request(), max_age_s=1))
    wait_until(lambda: host.ended(NAME), 15)

    assert host.ended(NAME) == Ended("launch-1", Ending.AGE)


def test_only_our_terminals_are_listed(place: Any) -> None:
    """Another instance's, another deployment's and foreign containers are not ours."""
    host = place.host()
    host.launch(place.request())
    host.launch(place.request("bob"))
    place.host(instance="other").launch(place.request())
    place.host(home_root=place.folder / "others").launch(place.request())

    assert [one.name for one in host.living()] == [NAME, "bob-dev-IPT"]
    assert len(place.everything()) == 4


def test_tickets_of_others_are_refused(place: Any) -> None:
    """Bob's ticket does not open Alice's terminal."""
    alice = place.host().launch(place.request())
    bob = place.host().launch(place.request("bob"))

    with pytest.raises(TerminalClosed, match="ticket"):
        place.open(replace(bob, url=alice.url))


def test_account_is_the_owner_of_the_homes(place: Any, type_in: Any) -> None:
    """Homes that belong to somebody are used by terminals of that account."""
    place.homes.mkdir()
    os.chown(place.homes, 4321, 1234)
    launched = place.host().launch(place.request())

    assert type_in(launched, "id -u; id -g; whoami; touch ~/mine") == (
        "4321\n1234\nalice\n"
    )
    assert (place.homes / "alice/mine").stat().st_uid == 4321


def test_account_can_be_chosen(place: Any, type_in: Any) -> None:
    """A setting names another account, for all hosts or for one."""
    where = EngineHost("here", place.engine, "127.0.0.1", user="2222:3333")
    launched = place.host(where, user="4444:4444").launch(place.request())

    assert type_in(launched, "id -u; id -g; touch ~/mine") == "2222\n3333\n"


def test_home_of_root_is_given_to_the_account(place: Any, type_in: Any) -> None:
    """A home that root filled becomes the user's, and links lead nowhere."""
    outside = place.folder / "outside"
    outside.write_text("root's")
    home = place.homes / "alice"
    (home / "papers").mkdir(parents=True)
    (home / "papers/file").write_text("mine")
    (home / "link").symlink_to(outside)
    launched = place.host().launch(place.request())

    assert type_in(launched, "echo more >> ~/papers/file; cat ~/papers/file") == (
        "minemore\n"
    )
    assert outside.stat().st_uid == 0


def test_home_that_is_a_link_is_refused(place: Any) -> None:
    """Nobody gets another folder by a link in place of the home."""
    place.homes.mkdir()
    (place.homes / "alice").symlink_to("/etc")

    with pytest.raises(LaunchFailed, match="home folder can't be opened"):
        place.host().launch(place.request())
    assert place.everything() == []


def test_stop_while_it_starts(place: Any) -> None:
    """Stop during a start leaves either nothing or one terminal that is known."""
    host = place.host()
    outcomes: list[object] = []

    def launch() -> None:
        try:
            outcomes.append(place.host().launch(place.request()))
        except LaunchFailed as error:
            outcomes.append(error)

    starting = threading.Thread(target=launch)
    starting.start()
    wait_until(place.everything)
    host.stop(NAME)
    starting.join()

    living = host.living()
    assert living in ([], outcomes)
    assert len(place.everything()) == len(living)
