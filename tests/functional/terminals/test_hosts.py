"""Both hosts: start, find, adopt and end real terminals."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import LaunchFailed
from iptweb.terminals.host import Host, Launched, ProcessHost, SandboxHost
from webterm import TerminalClosed

NAME = "alice-dev-IPT"
TypeIn = Callable[[Launched, str], str]

LAUNCHER = """
import json, os, sys
from pathlib import Path
from iptweb.terminals.host import HOST_CLASS, LaunchRequest
run_dir, values = json.loads(sys.argv[1])
values |= {"home": Path(values["home"]), "origins": tuple(values["origins"])}
host = HOST_CLASS(Path(run_dir), python=Path(sys.executable))
launched = host.launch(LaunchRequest(**values))
print(json.dumps([launched.launch, launched.url]), flush=True)
os.kill(os.getpid(), 9)
"""


def read_pid(place: Any) -> int:
    """Return the process that is written down for Alice's terminal."""
    text = (place.run_dir / NAME / "pid").read_text()
    return int(json.loads(text)["process"]["pid"])


def launch_elsewhere(place: Any, host: Host, launch: str) -> list[str]:
    """Launch from a process of its own that is killed right after it."""
    wanted = place.request(launch=launch)
    values = vars(wanted) | {"home": str(wanted.home), "origins": list(wanted.origins)}
    kind = type(host).__name__
    done = subprocess.run(
        [
            *(sys.executable, "-c", LAUNCHER.replace("HOST_CLASS", kind)),
            json.dumps([str(place.run_dir), values]),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    answer: list[str] = json.loads(done.stdout)
    return answer


def test_terminal_starts_and_answers(place: Any, host: Host, type_in: TypeIn) -> None:
    """A launched terminal is a shell in the user's own home."""
    launched = host.launch(place.request())

    assert launched.name == NAME
    assert launched.launch == "launch-1"
    assert type_in(launched, "echo $((6 * 7))") == "42\n"
    assert type_in(launched, "cd; echo hi > note; cat note") == "hi\n"
    assert (place.folder / "data/homes/alice/note").read_text() == "hi\n"


def test_terminal_starts_quickly(place: Any, host: Host) -> None:
    """From the request to the answer it is at most a second, the best of three."""
    times = []
    for launch in range(3):
        started = time.monotonic()
        host.launch(place.request(launch=f"l{launch}"))
        times.append(time.monotonic() - started)
        host.stop(NAME)

    assert min(times) < 1.0


def test_banner_greets_once(place: Any, host: Host) -> None:
    """The first screen names ipt, its help and the samples."""
    with place.open(host.launch(place.request())) as terminal:
        text = terminal.read_until("Your files stay").decode()
        terminal.send("bash -i\n")
        terminal.send("echo sec''ond\n")
        assert b"Welcome" not in terminal.read_until("second\r\n")

    assert "ipt parallelize heat.c" in text
    assert "ipt --help" in text


def test_second_launch_adopts_the_first(place: Any, host: Host) -> None:
    """Whoever comes second gets the first one's terminal, from any process."""
    first = host.launch(place.request(launch="first"))
    again = type(host)(place.run_dir, python=Path(sys.executable))  # type: ignore[call-arg]

    assert again.launch(place.request(launch="second")) == first
    assert again.inspect(NAME) == first
    assert again.living()[0].name == NAME


def test_twenty_launches_at_once_are_one_terminal(place: Any, host: Host) -> None:
    """However many press Start at once, one terminal runs, and all get that one."""
    barrier = threading.Barrier(20)

    def launch(number: int) -> Launched:
        barrier.wait()
        own = type(host)(place.run_dir, python=Path(sys.executable))  # type: ignore[call-arg]
        return own.launch(place.request(launch=f"launch-{number}"))

    with ThreadPoolExecutor(20) as pool:
        results = set(pool.map(launch, range(20)))

    assert len(results) == 1
    assert host.living()[0].name == NAME


def test_launches_from_other_processes_are_one_terminal(place: Any, host: Host) -> None:
    """Processes that know nothing of each other agree, too."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: launch_elsewhere(place, host, f"l{n}"), range(4))
        )

    assert len({tuple(answer) for answer in answers}) == 1


def test_terminal_outlives_its_launcher(
    place: Any, host: Host, type_in: TypeIn
) -> None:
    """The launcher is killed; shell, files and variables are still there."""
    launch_elsewhere(place, host, "launch-1")
    found = host.inspect(NAME)
    assert found is not None

    assert type_in(found, "kept=yes; echo $kept") == "yes\n"
    parent = Path(f"/proc/{read_pid(place)}/stat").read_text().rpartition(")")[2]
    assert int(parent.split()[1]) != os.getpid()


def test_stop_ends_everything(place: Any, host: Host, type_in: TypeIn) -> None:
    """After stop nothing runs, nothing is left, and files of the user stay."""
    launched = host.launch(place.request())
    type_in(launched, "cd; touch kept; sleep 1000 & ")
    pid = read_pid(place)

    assert host.stop(NAME) is True
    assert host.inspect(NAME) is None
    assert host.living() == []
    assert host.stop(NAME) is False
    assert not Path(f"/proc/{pid}/exe").exists()
    assert not (place.run_dir / NAME).exists()
    assert (place.folder / "data/homes/alice/kept").exists()


def test_stop_of_one_launch(place: Any, host: Host) -> None:
    """A launch that is named is ended, and nothing else that has the name."""
    host.launch(place.request(launch="second"))

    assert host.stop(NAME, "first") is False
    assert host.living()[0].launch == "second"
    assert host.stop(NAME, "second") is True
    assert host.living() == []


def test_after_the_end_a_new_one_starts(place: Any, host: Host) -> None:
    """A shell that was left by `exit` is no terminal any more; Start makes another."""
    first = host.launch(place.request(launch="first"))
    with place.open(first) as terminal:
        terminal.send("exit 3\n")
        assert terminal.wait_for_exit() == 3
    for _ in range(100):
        if host.inspect(NAME) is None:
            break
        time.sleep(0.05)

    assert host.launch(place.request(launch="second")).launch == "second"


def test_killed_server_is_no_terminal(place: Any, host: Host) -> None:
    """A server that was killed is noticed at once, and leaves can be cleared."""
    host.launch(place.request())
    os.kill(read_pid(place), signal.SIGKILL)
    for _ in range(100):
        if host.inspect(NAME) is None:
            break
        time.sleep(0.02)

    assert host.inspect(NAME) is None
    assert host.stop(NAME) is False
    assert not (place.run_dir / NAME).exists()


def test_only_that_very_process_is_ended(place: Any, host: Host) -> None:
    """A process that got a dead terminal's number is not touched."""
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    try:
        folder = place.run_dir / NAME
        folder.mkdir(parents=True)
        process = {"pid": bystander.pid, "start": "1", "boot": "another"}
        values = {"user": "alice", "launch": "l", "port": 1, "process": process}
        (folder / "pid").write_text(json.dumps(values))

        assert host.stop(NAME) is False
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_ticket_is_for_that_launch(place: Any, host: Host) -> None:
    """A ticket for another launch id is refused by the terminal."""
    launched = host.launch(place.request())

    with pytest.raises(TerminalClosed, match="ticket_launch"):
        place.open(replace(launched, launch="launch-0"))


def test_server_is_told_how_long_to_live(place: Any, host: Host) -> None:
    """The limits of the request reach it, by its launch file."""
    host.launch(replace(place.request(), idle_s=3600, max_age_s=7200))
    told = json.loads((place.run_dir / NAME / "launch.json").read_text())

    assert (told["idle_s"], told["max_age_s"]) == (3600, 7200)


def test_files_hold_no_secret(place: Any, host: Host) -> None:
    """Run-time files are private, and the launch file has the public key only."""
    host.launch(place.request())
    folder = place.run_dir / NAME
    modes = {
        name: stat.S_IMODE((folder / name).stat().st_mode)
        for name in ("launch.json", "pid", "webterm.log", "lock")
    }

    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in (folder / "launch.json").read_text()


def test_environment_of_the_terminal_is_its_own(
    place: Any, host: Host, type_in: TypeIn
) -> None:
    """Nothing of the launcher's environment reaches the shell."""
    os.environ["LAUNCHER_SECRET"] = "must-not-leak"
    try:
        launched = host.launch(place.request())
    finally:
        del os.environ["LAUNCHER_SECRET"]
    names = {line.partition("=")[0] for line in type_in(launched, "env").splitlines()}

    assert names <= {
        *("HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "PATH"),
        *("PWD", "SHLVL", "_", "OLDPWD", "LS_COLORS"),
    }


def test_keys_work_in_the_terminal(place: Any, host: Host) -> None:
    """Ctrl-C is not ignored, though sh started the server in the background."""
    with place.open(host.launch(place.request())) as terminal:
        terminal.send("sleep 1000\n")
        terminal.read_until("sleep 1000")
        time.sleep(0.3)
        terminal.send("\x03")
        terminal.read_until("^C")
        terminal.send("echo status=$?.\n")
        assert terminal.read_until("status=130.\r\n")


def test_server_that_does_not_start_is_explained(place: Any, host: Host) -> None:
    """A key that is none fails the launch at once, and leaves nothing running."""
    bad = replace(place.request(), ticket_public_key="nonsense")

    with pytest.raises(LaunchFailed, match="did not start") as failure:
        host.launch(bad)

    assert "could not" not in failure.value.message.lower()
    assert "ticket_public_key" in str(failure.value.context["log"])
    assert host.living() == []
    assert host.launch(place.request()).launch == "launch-1"


def test_full_disk_is_explained(place: Any, host: Host) -> None:
    """A launch that can't write its files fails with the way out."""
    host.launch(place.request("bob", "warm-up"))
    host.stop("bob-dev-IPT")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(LaunchFailed) as failure:
            host.launch(place.request())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert failure.value.message.endswith("Is its disk full?")
    assert host.living() == []


def test_process_host_takes_one_user(place: Any) -> None:
    """Without walls the second user has to wait until the first has left."""
    host = place.host("process")
    host.launch(place.request("alice"))

    with pytest.raises(LaunchFailed, match=r"one user at a time.*Install bubblewrap"):
        host.launch(place.request("bob"))
    host.stop(NAME)
    assert host.launch(place.request("bob")).name == "bob-dev-IPT"


def test_process_host_on_the_other_loopback(place: Any) -> None:
    """An IPv6 address is written as addresses want it."""
    host = ProcessHost(place.run_dir, python=Path(sys.executable), address="::1")
    launched = host.launch(place.request())

    assert launched.host == "process ::1"
    assert launched.url.startswith("ws://[::1]:")
    with place.open(launched) as terminal:
        assert terminal.welcome.writer


@pytest.mark.needs("bubblewrap")
def test_two_users_have_walls_between_them(place: Any, type_in: TypeIn) -> None:
    """Neither sees the other's home, processes or the data folder; both have ipt."""
    host = place.host("sandbox")
    alice = host.launch(place.request("alice"))
    bob = host.launch(place.request("bob"))
    type_in(alice, "echo private > ~/diary; sleep 1000 &")

    assert type_in(bob, "command ls -A /home") == "ipt\n"
    assert "private" not in type_in(bob, f"cat ~/diary {place.folder}/data/homes/*/*")
    assert "No such file" in type_in(bob, f"ls {place.run_dir}")
    assert "sleep" not in type_in(bob, "cat /proc/[0-9]*/comm")
    assert type_in(bob, "whoami; command -v ipt") == "bob\n/opt/ipt/bin/ipt\n"


@pytest.mark.needs("bubblewrap")
def test_server_can_not_be_used_by_what_it_serves(place: Any, type_in: TypeIn) -> None:
    """The server's memory and its socket, a way to the network, are out of reach."""
    launched = place.host("sandbox").launch(place.request())
    steal = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print('attach', libc.ptrace(16, 1, 0, 0), flush=True)\n"
        "handle = os.pidfd_open(1)\n"
        "print('getfd', [libc.syscall(438, handle, n, 0) for n in range(3, 12)])\n"
    )
    (place.folder / "data/homes/alice/steal.py").write_text(steal)
    found = type_in(launched, f"{sys.executable} ~/steal.py; ls -l /proc/1/fd/")

    assert "attach -1" in found
    assert f"getfd {[-1] * 9}" in found
    assert "->" not in found
    assert "Permission denied" in type_in(launched, "cat /proc/1/environ /proc/1/mem")


@pytest.mark.needs("bubblewrap")
def test_user_code_is_not_run_by_the_server(place: Any, type_in: TypeIn) -> None:
    """Python files prepared in the home do not run when the terminal starts anew."""
    home = place.folder / "data/homes/alice"
    trap = "open('/tmp/trapped', 'w').close()\n"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = home / ".local/lib" / version / "site-packages"
    site.mkdir(parents=True)
    for file in (site / "usercustomize.py", home / "asyncio.py", home / "webterm.py"):
        file.write_text(trap)
    launched = place.host("sandbox").launch(place.request())

    assert "No such file" in type_in(launched, "ls /tmp/trapped")


@pytest.mark.needs("bubblewrap")
def test_server_can_not_be_killed_from_inside(place: Any, type_in: TypeIn) -> None:
    """A careless `kill -9 -1` ends the user's programs, not the terminal."""
    launched = place.host("sandbox").launch(place.request())
    type_in(launched, "sleep 1000 &")

    assert "alive\n" in type_in(launched, "kill -9 1; sleep 0.2; echo alive")
    assert (
        SandboxHost(place.run_dir, python=Path(sys.executable)).living()[0].name == NAME
    )


@pytest.mark.needs("bubblewrap")
def test_orphans_are_collected(place: Any, type_in: TypeIn) -> None:
    """Programs that lost their parent leave no zombies behind."""
    launched = place.host("sandbox").launch(place.request())
    type_in(launched, "for i in 1 2 3; do (sleep 0.1 &) ; done; sleep 0.4")

    assert type_in(launched, "grep -l 'Z (zombie)' /proc/[0-9]*/status") == ""


@pytest.mark.needs("bubblewrap")
def test_programs_are_compiled_in_a_terminal(place: Any, type_in: TypeIn) -> None:
    """Gcc with OpenMP works where the user types."""
    launched = place.host("sandbox").launch(place.request())
    source = place.folder / "data/homes/alice/two.c"
    source.write_text(
        "#include <stdio.h>\nint main(void){int n=0;\n#pragma omp parallel "
        'num_threads(2) reduction(+:n)\nn++;\nprintf("%d\\n", n);}\n'
    )

    assert type_in(launched, "cd; gcc -fopenmp two.c -o two && ./two") == "2\n"
