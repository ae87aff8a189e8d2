"""What a user may try from a sandbox terminal against others, and to stay for ever."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import make_filter

pytestmark = pytest.mark.needs("bubblewrap")
NAME = "alice-dev-IPT"
needs_filter = pytest.mark.skipif(not make_filter(), reason="no filter for it")
Inside = Any
Start = Callable[..., Inside]

# A socket without a file, and shared memory of both kinds.
MEETING = """
import ctypes, socket, time
from multiprocessing import shared_memory
listener = socket.socket(socket.AF_UNIX)
listener.bind(chr(0) + 'meeting')
listener.listen()
ctypes.CDLL(None).shmget(42, 4096, 0o1666)
kept = shared_memory.SharedMemory('meeting', create=True, size=4096)
open('ready', 'w').close()
time.sleep(1000)
"""
INTRUDER = """
import ctypes, os, socket
from multiprocessing import shared_memory
libc = ctypes.CDLL(None, use_errno=True)
found = [socket.socket(socket.AF_UNIX).connect_ex(chr(0) + 'meeting')]
libc.shmget(42, 4096, 0)
found.append(ctypes.get_errno())
try:
    shared_memory.SharedMemory('meeting')
except OSError as error:
    found.append(error.errno)
print(found)
os.setpriority(os.PRIO_USER, os.getuid(), 15)
"""
# Nobody's children, in sessions of their own, deaf to all signals that can be ignored.
STUBBORN = """
import ctypes, os, signal, time
libc = ctypes.CDLL(None)
def daemon(work):
    if os.fork():
        return
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_IGN)
        work()
        time.sleep(1000)
    os._exit(0)
def stopped():
    os.kill(os.getpid(), signal.SIGSTOP)
def tracing():
    child = os.fork()
    if child == 0:
        time.sleep(1000)
    libc.ptrace(0x4206, child, 0, 0x40)  # it stops before its end
    os.waitpid(child, 0)
def waiting():
    if libc.syscall(56, 0x4011, 0, 0, 0, 0) == 0:  # its parent waits as after vfork
        time.sleep(1000)
def reading():
    os.mkfifo('pipe')
    open('pipe')
def writing():
    while True:
        os.write(os.open('sync', os.O_CREAT | os.O_WRONLY | os.O_SYNC), bytes(1 << 20))
def forking():
    while True:
        try:
            os.fork()
        except OSError:
            pass
for work in (stopped, tracing, waiting, reading, writing, forking):
    daemon(work)
"""


def test_users_of_one_number_do_not_meet(
    inside: Inside, place: Any, type_in: Callable[..., str]
) -> None:
    """Homes may all belong to one user of the machine: no signal, memory or socket."""
    request = place.request("bob")
    request.home.mkdir()
    owner = inside.home.stat().st_uid
    os.chown(request.home, owner, owner)
    bob = inside.host.launch(request)
    (inside.home / "meeting.py").write_text(MEETING)
    (request.home / "intruder.py").write_text(INTRUDER)
    inside(f"cd; {sys.executable} meeting.py & while [ ! -e ~/ready ]; do :; done")
    found = type_in(bob, f"{sys.executable} ~/intruder.py; kill -9 -1 2>/dev/null")

    assert found == "[111, 2, 2]\n"  # refused, not there, not there
    nice = os.nice(0)  # as whoever runs the test
    assert inside("jobs -r | wc -l; cut -d ' ' -f 19 /proc/$!/stat") == f"1\n{nice}\n"


def test_no_program_stays(start: Start, place: Any) -> None:
    """Whatever it does to be left over, stop ends it, and soon."""
    inside = start(processes=64)
    group = inside.host.group_of(NAME)
    inside.python(STUBBORN)
    for _ in range(100):
        if len(group.processes()) > 10:
            break
        time.sleep(0.02)
    started = time.monotonic()

    assert inside.host.stop(NAME) is True
    assert time.monotonic() - started < 8
    assert group.processes() == set()
    assert place.groups() == []


@needs_filter
def test_no_file_can_run_as_its_owner(inside: Inside) -> None:
    """In a home of root's it would run as root for whoever else can reach the home."""
    found = inside.python(
        "import os, stat\n"
        "os.umask(0)\n"
        "def attempt(work):\n"
        "    try:\n"
        "        work()\n"
        "    except OSError as error:\n"
        "        return error.errno\n"
        "flags = os.O_CREAT | os.O_WRONLY\n"
        "os.close(os.open('plain', flags, 0o755))\n"
        "folder = os.open('.', os.O_RDONLY)\n"
        "print([attempt(work) for work in (\n"
        "    lambda: os.chmod('plain', 0o4755),\n"
        "    lambda: os.chmod('plain', 0o2755),\n"
        "    lambda: os.fchmod(os.open('plain', 0), 0o4755),\n"
        "    lambda: os.chmod('plain', 0o4755, dir_fd=folder),\n"
        "    lambda: os.open('made', flags, 0o4755),\n"
        "    lambda: os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o4755),\n"
        "    lambda: os.mknod('node', stat.S_IFREG | 0o4755),\n"
        "    lambda: os.mkdir('folder', 0o4755),\n"
        ")])\n"
    )

    assert found == f"{[1] * 7 + [None]}\n"
    assert inside("cd; cp plain copy; chmod 1777 copy; stat -c %a copy") == "1777\n"
    assert inside("find ~ -perm /6000") == ""
