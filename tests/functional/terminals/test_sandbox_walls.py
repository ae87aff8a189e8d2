"""The walls of a running sandbox terminal, each tried from inside.

Everything is tried twice where the tests run as root: in a home of root's, whose
terminal is in a user namespace, and in a home of somebody else's, whose terminal
runs as that user.
"""

import os
import secrets
import socket
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.calls import DENIED
from sandbox.seccomp import PROCESSORS

pytestmark = pytest.mark.needs("bubblewrap")

NAME = "alice-dev-IPT"
PROCESSOR = PROCESSORS.get(os.uname().machine)
needs_filter = pytest.mark.skipif(PROCESSOR is None, reason="no filter for it")
Inside = Any
Start = Callable[..., Inside]


def test_terminal_is_its_home_s_owner_s(inside: Inside) -> None:
    """What is made in the home belongs to whom the home belongs to."""
    assert "made" in inside("cd; touch note && mkdir -p a/b && echo made")
    owner = inside.home.stat().st_uid

    assert (inside.home / "note").stat().st_uid == owner
    assert (inside.home / "a/b").stat().st_uid == owner
    assert inside("whoami; id -u") == f"alice\n{inside.number}\n"
    assert inside("stat -c %u ~/heat.c") == f"{inside.number}\n"


def test_nothing_is_writable_but_home_and_temporary_folders(inside: Inside) -> None:
    """Neither where programs are nor where the platform keeps the terminal."""
    found = inside(
        "find / -path /proc -prune -o -type d -writable -print 2>/dev/null"
        " | grep -v -e '^/dev/pts$' -e '^/home/ipt' -e '^/tmp' -e '^/dev/shm'; "
        "find /opt /etc /proc/sys /sys -type f -writable 2>/dev/null"
    )

    assert found == ""
    assert "made" not in inside("touch /opt/ipt/bin/x /opt/ipt/x && echo made")
    assert "made" not in inside(": >> /opt/ipt/launch.json && echo made")
    assert "made" not in inside(": >> /proc/sysrq-trigger && echo made")


def test_device_files_can_not_be_made(inside: Inside) -> None:
    """Neither disks nor the machine's memory."""
    assert "made" not in inside("mknod ~/disk b 8 0 && echo made")
    assert "made" not in inside("mknod /tmp/mem c 1 1 && echo made")


def test_there_is_no_network(inside: Inside) -> None:
    """A service of this machine can't be reached, and no interface is there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert "refused" in inside(f"(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>&1")
    assert inside("grep -c : /proc/net/dev") == "1\n"
    assert "unreachable" in inside("(exec 3<>/dev/tcp/192.0.2.1/80) 2>&1")


@needs_filter
def test_sockets_are_of_harmless_kinds(inside: Inside) -> None:
    """No raw ones, and none that a network namespace does not part."""
    answers = inside.python(
        "import socket\n"
        "def make(*kind):\n"
        "    try:\n"
        "        socket.socket(*kind).close()\n"
        "    except OSError as error:\n"
        "        return error.errno\n"
        "print([make(*kind) for kind in"
        " ((2, 3, 1), (10, 3, 58), (17, 3, 0), (40, 1, 0), (38, 5, 0),"
        " (1, 1, 0), (2, 1, 0), (10, 2, 0), (16, 3, 0))])\n"
    )

    assert answers == "[1, 1, 1, 1, 1, None, None, None, None]\n"


def test_no_socket_of_an_engine_is_there(inside: Inside) -> None:
    """Nor any other socket or named pipe of the machine."""
    assert inside("find / -path /proc -prune -o -type s -print 2>/dev/null") == ""
    assert inside("ls /run /var 2>&1 | grep -c 'No such'") == "2\n"


def test_others_files_and_processes_are_not_there(inside: Inside, place: Any) -> None:
    """They are not forbidden but missing."""
    (place.folder / "data/homes/bob").mkdir()
    inside("sleep 1000 &")

    assert inside("command ls -A /home") == "ipt\n"
    assert "No such file" in inside(f"ls {place.folder}/data 2>&1")
    assert int(inside("ls -d /proc/[0-9]* | wc -l")) < 9
    assert "No such process" in inside(f"kill -0 {os.getpid()} 2>&1")


def test_no_secret_is_inside(place: Any, start: Start) -> None:
    """Not in the environment, not in /proc, nowhere in the file system."""
    names = ("session-key", "ticket-key", "ssh-key", "oauth-client", "service-account")
    values = {name: secrets.token_hex(16) for name in names}
    folder = place.folder / "data/secrets"
    folder.mkdir(parents=True)
    for name, value in values.items():
        (folder / name).write_text(value)
        os.environ[f"SECRET_{name}"] = value
    try:
        inside = start()
    finally:
        for name in values:
            del os.environ[f"SECRET_{name}"]
    # A pattern that does not match itself in the command line of grep.
    patterns = " ".join(f"-e '[{value[0]}]{value[1:]}'" for value in values.values())
    # /usr and the Python installation were there before the secrets were.
    places = "/etc /home /opt/ipt /tmp /dev/shm /sys /proc/[0-9]*/environ"

    assert inside("echo ran") == "ran\n"
    assert (
        inside(f"env | grep {patterns}; cat /proc/[0-9]*/cmdline | grep -a {patterns}")
        == ""
    )
    assert inside(f"grep -r -a -s -l -D skip {patterns} {places}") == ""
    assert "Permission denied" in inside("cat /proc/1/environ 2>&1")


def test_no_rights_can_be_gained(inside: Inside) -> None:
    """Neither by a setuid program nor by any capability."""
    subprocess.run(["/bin/cp", "/usr/bin/id", inside.home / "setuid"], check=True)
    os.chown(inside.home / "setuid", 0, 0) if os.geteuid() == 0 else None
    (inside.home / "setuid").chmod(0o4755)

    assert inside("~/setuid -u") == f"{inside.number}\n"
    status = inside("grep -E 'Cap|NoNewPrivs|Groups' /proc/self/status").split()
    assert [word for word in status if not word.endswith(":")] == [
        *("0" * 16 for _ in range(5)),
        "1",
    ]


def test_namespaces_and_mounts_are_refused(inside: Inside) -> None:
    """By whatever call."""
    assert "made" not in inside("unshare -U true && echo made")
    assert "made" not in inside("unshare -Ur true && echo made")
    assert "made" not in inside("unshare -m true && echo made")
    assert "made" not in inside("mount -t tmpfs none /tmp && echo made")
    assert "made" not in inside("bwrap --dev-bind / / true && echo made")


@needs_filter
def test_calls_that_no_program_needs_are_refused(inside: Inside) -> None:
    """Each of the list, whatever its arguments."""
    column = PROCESSORS[os.uname().machine].column
    numbers = [row[column] for row in DENIED.values() if row[column] is not None]
    answers = inside.calls(*([number, 0, 0, 0, 0, 0] for number in numbers if number))

    assert dict(zip(DENIED, answers, strict=False)) == dict.fromkeys(
        list(DENIED)[: len(answers)], "EPERM"
    )


@needs_filter
def test_namespaces_can_not_be_cloned(inside: Inside) -> None:
    """With old or new calls; threads and processes still can."""
    assert PROCESSOR is not None
    clone, unshare = (56, 220)[PROCESSOR.column], (272, 97)[PROCESSOR.column]
    kinds = (0x80, 0x20000, *(1 << bit for bit in range(25, 31)))

    assert inside.calls(*([unshare, kind] for kind in kinds)) == ["EPERM"] * len(kinds)
    assert inside.calls(*([clone, kind | 17, 0, 0, 0, 0] for kind in kinds[1:])) == [
        "EPERM"
    ] * (len(kinds) - 1)
    assert inside.calls([435, 0, 0]) == ["ENOSYS"]
    assert (
        inside.python(
            "import threading, subprocess\n"
            "t = threading.Thread(target=print, args=['thread']); t.start(); t.join()\n"
            "print(subprocess.run(['echo', 'child']).returncode)\n"
        )
        == "thread\nchild\n0\n"
    )


@needs_filter
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="of x86-64 only")
def test_other_kinds_of_calls_are_refused(inside: Inside) -> None:
    """Numbers of a second interface would pass by a list of the first one's."""
    (inside.home / "old.c").write_text(
        'int main(void) { __asm__ volatile("int $0x80" :: "a"(20)); return 0; }\n'
    )

    assert inside.calls([0x40000000 | 39]) == ["EPERM"]
    assert "Bad system call" in inside("cd; gcc old.c -o old && ./old; echo $?")


@needs_filter
def test_typing_into_the_terminal_is_refused(inside: Inside) -> None:
    """Nobody types for the user (CVE-2017-5226), not even with stray upper bits."""
    found = inside.python(
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "for request in (0x5412, 0x541C, 0x1_0000_5412):\n"
        "    done = libc.ioctl(0, ctypes.c_ulong(request), b'x')\n"
        "    print(done, ctypes.get_errno())\n"
    )

    assert found == "-1 1\n" * 3


@needs_filter
def test_server_can_not_be_signalled(inside: Inside) -> None:
    """Process 1 is neither killed, stopped nor ended in order, by whatever call."""
    found = inside(
        "for s in KILL STOP TERM HUP INT USR1; do kill -$s 1 2>&1; done | "
        "grep -c 'not permitted'"
    )
    calls = inside.python(
        "import fcntl, os, resource, signal, socket\n"
        "def attempt(work):\n"
        "    try:\n"
        "        work()\n"
        "    except OSError as error:\n"
        "        return error.errno\n"
        "a, b = socket.socketpair()\n"
        "handle = os.pidfd_open(1)\n"
        "print([attempt(work) for work in (\n"
        "    lambda: signal.pidfd_send_signal(handle, 15),\n"
        "    lambda: fcntl.fcntl(a, fcntl.F_SETOWN, 1),\n"
        "    lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)),\n"
        "    lambda: fcntl.fcntl(a, fcntl.F_SETOWN, os.getpid()),\n"
        "    lambda: resource.prlimit(0, resource.RLIMIT_NOFILE, (32, 32)),\n"
        ")])\n"
    )
    assert PROCESSOR is not None
    numbers = [(234, 131), (129, 138), (297, 240)]
    answers = inside.calls(*([pair[PROCESSOR.column], 1, 1, 15, 0] for pair in numbers))

    assert found == "6\n"
    assert calls == "[1, 1, 1, None, None]\n"
    assert answers == ["EPERM"] * 3
    assert inside("kill -9 -1 2>/dev/null; echo alive") == "alive\n"
    assert inside.host.inspect(NAME) == inside.launched


def test_server_can_not_be_looked_into(inside: Inside) -> None:
    """Its memory and its socket, a way to the network, are out of reach."""
    found = inside.python(
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "handle = os.pidfd_open(1)\n"
        "print([libc.ptrace(16, 1, 0, 0)]"
        " + [libc.syscall(438, handle, n, 0) for n in range(3, 12)])\n"
    )

    assert found == f"{[-1] * 10}\n"
    assert "->" not in inside("ls -l /proc/1/fd/ 2>&1")
    assert inside("cat /proc/1/mem /proc/1/maps 2>&1").count("Permission denied") == 2
    assert inside("ls /proc/1/task | wc -l") == "1\n"


def test_debugger_works_on_own_programs(inside: Inside) -> None:
    """The walls leave a user what is theirs: tracing a child of their own."""
    found = inside.python(
        "import ctypes, os, signal\n"
        "libc = ctypes.CDLL(None)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    libc.ptrace(0, 0, 0, 0)\n"
        "    os.kill(os.getpid(), signal.SIGSTOP)\n"
        "    os._exit(7)\n"
        "print(os.WIFSTOPPED(os.waitpid(child, 0)[1]))\n"
        "libc.ptrace(7, child, 0, 0)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )

    assert found == "True\n7\n"
