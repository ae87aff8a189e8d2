"""Real sandboxes: what a program inside can't do, and what it must be able to do."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import Bind, Limits, Sandbox, system_mounts, write_etc

pytestmark = pytest.mark.needs("bubblewrap")

HOME = Path("/home/ipt")
ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(HOME), "LANG": "C.UTF-8"}
OPENMP = """
#include <stdio.h>
#include <omp.h>
int main(void) {
  int n = 0;
#pragma omp parallel num_threads(2) reduction(+ : n)
  n += 1;
  printf("threads %d\\n", n);
}
"""
MPI = """
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
  int rank, sum;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Reduce(&rank, &sum, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0) printf("sum %d\\n", sum);
  MPI_Finalize();
}
"""

Inside = Callable[..., str]


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    home = tmp_path / "homes/alice"
    home.mkdir(parents=True)
    return home


@pytest.fixture(name="inside")
def _inside(tmp_path: Path, home: Path) -> Inside:
    etc = write_etc(tmp_path / "etc", user="alice", home=str(HOME))

    def run(script: str, **fields: object) -> str:
        mounts = (*system_mounts(), *etc, Bind(home, HOME, writable=True))
        values: dict[str, object] = {"mounts": mounts, "env": ENV, "cwd": HOME}
        box = Sandbox(**(values | fields))  # type: ignore[arg-type]
        done = subprocess.run(
            box.command(["/bin/bash", "-c", script]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    return run


@pytest.mark.parametrize(
    "place",
    [
        *("/", "/etc", "/usr", "/usr/bin", "/home", "/dev", "/proc", "/sys", "/opt"),
        *("/proc/sys/kernel", "/sys/devices/system/cpu/cpu0"),
    ],
)
def test_nothing_is_writable_but_home_and_temporary_folders(
    inside: Inside, place: str
) -> None:
    """A file can't be made anywhere else."""
    assert "made" not in inside(f"touch {place}/intruder && echo made")


def test_home_and_temporary_folders_are_writable(inside: Inside, home: Path) -> None:
    """Work can be done in the home, /tmp and /dev/shm; only the home's stays."""
    script = "for f in ~ /tmp /dev/shm; do echo hi > $f/note && cat $f/note; done"

    assert inside(script) == "hi\nhi\nhi\n"
    assert (home / "note").read_text() == "hi\n"
    assert "note" not in inside("ls /tmp /dev/shm")


@pytest.mark.parametrize(
    "file",
    [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sys/kernel/hostname",
        "/proc/sysrq-trigger",
        "/proc/irq/default_smp_affinity",
        "/sys/devices/system/cpu/cpu0/uevent",
    ],
)
def test_kernel_settings_can_not_even_be_opened(inside: Inside, file: str) -> None:
    """Also where root started the sandbox, whose user then owns these files."""
    # Opened for appending and closed: if the wall is broken, nothing is changed.
    assert "opened" not in inside(f": >> {file} && echo opened")


@pytest.mark.parametrize("name", ["kmsg", "kallsyms", "keys", "kpagecount", "cmdline"])
def test_kernel_is_not_told(inside: Inside, name: str) -> None:
    """What /proc says of the machine itself is covered."""
    assert "Permission denied" in inside(f"cat /proc/{name}")


def test_other_homes_and_data_are_not_there(
    inside: Inside, home: Path, tmp_path: Path
) -> None:
    """Neighbours' files are not just forbidden, they do not exist."""
    (home.parent / "bob").mkdir()
    (home.parent / "bob/secret").write_text("bob's")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/key").write_text("platform's")

    found = inside(f"ls /home; cat {home.parent}/bob/secret {tmp_path}/secrets/key")

    assert found.splitlines()[0] == "ipt"
    assert found.count("No such file or directory") == 2


def test_accounts_of_the_machine_are_not_there(inside: Inside) -> None:
    """There is one account, and no shadow file."""
    assert inside("cat /etc/passwd; ls /etc/shadow /root 2>&1 | grep -c 'No such'") == (
        "alice:x:1000:1000::/home/ipt:/bin/bash\n2\n"
    )


def test_symbolic_link_does_not_leave_the_home(inside: Inside, home: Path) -> None:
    """A link to a file of the machine leads to the sandbox's own file system."""
    (home / "link").symlink_to("/etc/shadow")
    (home / "up").symlink_to("../bob")

    assert inside("cat link up/x").count("No such file or directory") == 2


def test_there_is_no_network(inside: Inside) -> None:
    """A service that listens on this machine can't be reached, nor seen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected"

        assert "Connection refused" in inside(script)
        assert "connected" in inside(script, network=True)
    assert inside("grep -c : /proc/net/dev") == "1\n"


def test_environment_is_what_was_given(inside: Inside) -> None:
    """Nothing of the caller's environment goes in."""
    os.environ["IPT_TEST_SECRET"] = "hidden"
    try:
        names = {line.split("=")[0] for line in inside("env").splitlines()}
    finally:
        del os.environ["IPT_TEST_SECRET"]

    assert names == {"PATH", "HOME", "LANG", "PWD", "SHLVL", "_"}


def test_nobody_is_root_inside(inside: Inside) -> None:
    """The user has no capability, can get none, and can make no namespaces."""
    assert inside("id -u; id -un") == "1000\nalice\n"
    status = inside("grep -E 'Cap|NoNewPrivs' /proc/self/status").split()
    assert status[1::2] == [*("0" * 16 for _ in range(5)), "1"]
    assert "yes" not in inside("unshare -U true && echo yes")
    assert "yes" not in inside("mount -t tmpfs none /tmp && echo yes")


def test_processes_outside_can_not_be_seen(inside: Inside) -> None:
    """The sandbox counts its own processes from 1."""
    assert int(inside("ls -d /proc/[0-9]* | wc -l")) < 8
    assert "No such process" in inside(f"kill -0 {os.getpid()}")


def test_ipc_and_host_name_are_its_own(inside: Inside) -> None:
    """Not even the machine's name is known."""
    assert inside("hostname") == "ipt\n"


def test_no_descriptor_is_inherited(inside: Inside, tmp_path: Path) -> None:
    """Open files of whoever starts it stay outside."""
    with (tmp_path / "open").open("w"):
        assert inside("echo /proc/self/fd/*").split() == [
            *(f"/proc/self/fd/{number}" for number in (0, 1, 2)),
            "/proc/self/fd/3",  # bash's own, of the folder it reads
        ]


def test_limits_hold(inside: Inside) -> None:
    """Large files, many files, much memory and long loops are cut off."""
    limits = Limits(file_bytes=4096, open_files=16, memory_bytes=1 << 28, cpu_seconds=1)
    found = inside(
        "head -c 9999 /dev/zero > big; stat -c %s big;"
        "ulimit -n; ulimit -c;"
        "head -c 1G /dev/zero | tail | wc -c;"
        "(while :; do :; done); echo loop $?",
        limits=limits,
    ).splitlines()

    assert "4096" in found
    assert "16" in found
    assert any("memory exhausted" in line for line in found)
    assert "loop 137" in found


def test_openmp_programs_are_compiled_and_run(inside: Inside, home: Path) -> None:
    """The compiler, make and two threads work inside."""
    (home / "hello.c").write_text(OPENMP)
    (home / "Makefile").write_text("hello: hello.c\n\tgcc -fopenmp -o $@ $<\n")

    assert inside("make -s hello && ./hello") == "threads 2\n"


def test_cpp_programs_are_compiled_and_run(inside: Inside, home: Path) -> None:
    """The C++ compiler works inside."""
    (home / "hello.cpp").write_text('#include <iostream>\nint main(){std::cout<<"hi";}')

    assert inside("g++ -o hello hello.cpp && ./hello") == "hi"


@pytest.mark.needs("openmpi")
def test_mpi_programs_are_compiled_and_run(inside: Inside, home: Path) -> None:
    """Two ranks find each other inside, without any network."""
    (home / "ranks.c").write_text(MPI)

    assert inside("mpicc -o ranks ranks.c && mpirun --oversubscribe -np 2 ./ranks") == (
        "sum 1\n"
    )
