"""Inside a running container: what a person at the terminal can't do, and can."""

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.needs("podman", "debootstrap")

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
OPENMP = """
#include <stdio.h>
int main(void) {
  int n = 0;
#pragma omp parallel num_threads(2) reduction(+ : n)
  n += 1;
  printf("threads %d\\n", n);
}
"""
RAW = """
import socket
for family, kind in [
    (socket.AF_INET, socket.SOCK_RAW),
    (socket.AF_INET6, socket.SOCK_RAW),
    (socket.AF_PACKET, socket.SOCK_RAW),
    (socket.AF_PACKET, socket.SOCK_DGRAM),
]:
    try:
        socket.socket(family, kind, 1)
        print("raw", family, kind)
    except PermissionError:
        print("refused")
"""
REACH = """
import socket, sys
for family, address in [
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET, "192.0.2.1"),
    (socket.AF_INET, "169.254.169.254"),
    (socket.AF_INET6, "::1"),
    GATEWAYS
]:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as peer:
            peer.settimeout(2)
            try:
                peer.connect((address, PORT))
                peer.send(b"hello")
                peer.recv(1)
                print("reached", address)
            except OSError as error:
                print(type(error).__name__)
"""
TRACE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, value):
    print(name, value, os.strerror(ctypes.get_errno()) if value < 0 else "")
attempt("attach", libc.ptrace(16, 1, 0, 0))
attempt("seize", libc.ptrace(0x4206, 1, 0, 0))
handle = os.pidfd_open(1)
for number in range(64):
    if libc.syscall(438, handle, number, 0) >= 0:
        print("descriptor", number)
for name in ("mem", "environ", "fd", "maps", "root", "cwd"):
    try:
        place = f"/proc/1/{name}"
        print(os.listdir(place) if name == "fd" else open(place, "rb").read(1))
    except OSError as error:
        print(name, error.strerror)
"""
KERNEL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
CALLS = {"bpf": 321, "perf_event_open": 298, "kexec_load": 246, "init_module": 175}
CALLS |= {"reboot": 169, "swapon": 167, "setns": 308, "open_by_handle_at": 304}
CALLS |= {"acct": 163, "settimeofday": 164, "sethostname": 170, "userfaultfd": 323}
for name, number in CALLS.items():
    done = libc.syscall(number, 0, 0, 0, 0, 0)
    if done >= 0:
        print(name, "allowed")
print("asked")
"""


@pytest.mark.parametrize(
    "place",
    [
        *(
            "/",
            "/etc",
            "/usr",
            "/usr/bin",
            "/usr/local/bin",
            "/run",
            "/run/ipt",
            "/var",
        ),
        "/var/tmp",  # noqa: S108 - in there
        *("/opt", "/opt/ipt", "/dev", "/home", "/root", "/srv", "/proc"),
        *("/proc/sys/kernel", "/sys", "/sys/fs/cgroup", "/lib", "/boot", "/mnt"),
    ],
)
def test_nothing_can_be_written_there(shell: Any, place: str) -> None:
    """A file can be made nowhere but in the home and the temporary folders."""
    assert "made" not in shell(f"touch {place}/intruder 2>&1 && echo made")


def test_no_other_folder_is_writable(shell: Any) -> None:
    """All folders that can be written to are the home's and the temporary ones."""
    found = shell(
        "find / -path /proc -prune -o -path /home/ipt -prune -o -type d -writable "
        "-print 2>/dev/null"
    )

    assert set(found.split()) <= {"/tmp", "/dev/shm", "/dev/mqueue"}  # noqa: S108 - in there


def test_home_and_temporary_folders_are_writable(shell: Any) -> None:
    """Work is done in the home, /tmp and /dev/shm; only the home's stays outside."""
    script = "for f in ~ /tmp /dev/shm; do echo hi > $f/note && cat $f/note; done"

    assert shell(script) == "hi\nhi\nhi\n"
    assert (shell.place.homes / "alice/note").read_text() == "hi\n"


def test_devices_can_not_be_made_nor_disks_opened(shell: Any) -> None:
    """No device but the harmless ones is there, and none can be made."""
    disks = "ls /dev | grep -E '^(sd|vd|nvme|mem|kmsg|port|fuse|loop|dm-|net|kvm)'"

    assert shell(disks) == ""
    assert "made" not in shell("mknod ~/disk b 8 0 2>&1 && echo made")
    assert "made" not in shell("mknod /tmp/mem c 1 1 2>&1 && echo made")


def test_raw_sockets_are_refused(shell: Any) -> None:
    """Nobody listens to or forges what others send."""
    assert shell.python(RAW) == "refused\n" * 4


def test_no_packet_gets_anywhere(shell: Any) -> None:
    """Neither this machine's loopback nor its gateways nor the world is reached."""
    routes = subprocess.run(
        ["ip", "route", "show", "default"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    gateways = [
        f'(socket.AF_INET, "{line.split()[2]}")' for line in routes.stdout.splitlines()
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        program = REACH.replace("PORT", port).replace("GATEWAYS", ", ".join(gateways))
        said = shell.python(program)
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert "reached" not in said
    assert len(said.split()) == 2 * (4 + len(gateways))


def test_there_is_no_network_interface_but_its_own_loopback(shell: Any) -> None:
    """The container's network has one interface, and no route."""
    assert shell("grep -c : /proc/net/dev") == "1\n"
    assert shell("grep -vc Iface /proc/net/route") == "0\n"


def test_own_loopback_works(shell: Any) -> None:
    """Programs in one terminal may talk to each other."""
    program = (
        "import socket\n"
        "with socket.create_server(('127.0.0.1', 0)) as there:\n"
        "    with socket.create_connection(there.getsockname()) as here:\n"
        "        here.send(b'x'); print(there.accept()[0].recv(1))\n"
    )

    assert "b'x'" in shell.python(program)


def test_other_homes_are_not_there(shell: Any) -> None:
    """Neighbours' files are not just forbidden, they do not exist."""
    secret = shell.place.homes / "bob/secret"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text("bob's")
    (shell.place.homes / "alice/link").symlink_to(secret)

    assert shell("echo /home/*") == "/home/ipt\n"
    assert "bob's" not in shell(f"cat {secret} ~/link ~/../bob/secret 2>&1")


def test_other_processes_are_not_there(shell: Any) -> None:
    """The container counts its own processes from 1."""
    assert int(shell("ls -d /proc/[0-9]* | wc -l")) < 8
    assert "No such process" in shell(f"kill -0 {os.getpid()} 2>&1")


def test_no_socket_of_the_engine_is_there(shell: Any) -> None:
    """No Unix socket can be reached, the engine's least of all."""
    assert shell("find / -type s 2>/dev/null") == ""
    assert shell("grep -c / /proc/net/unix") == "0\n"
    path = shell.place.engine.removeprefix("unix://")
    assert "No such file" in shell(f"ls {path} 2>&1")


def test_nobody_is_root_inside(shell: Any) -> None:
    """The user has a name, no capability, and can get none."""
    assert shell("id -u; id -g; id -G; id -un") == "1000\n1000\n1000\nalice\n"
    status = shell("grep -hE 'Cap|NoNewPrivs|Seccomp:' /proc/self/status").split()
    assert status[1::2] == [*("0" * 16 for _ in range(5)), "1", "2"]
    assert shell("find / -xdev -perm /6000 -type f 2>/dev/null") == ""
    copy = "cp /bin/bash ~/own; chmod 6755 ~/own; ~/own -p -c 'id -u'; rm ~/own"
    assert shell(f"({copy}) 2>/dev/null") == "1000\n"


@pytest.mark.parametrize(
    "command",
    [
        *("mount -t tmpfs none /tmp", "mount --bind /tmp /etc", "umount /tmp"),
        *("unshare -U true", "unshare -n true", "unshare -m true", "chroot / true"),
        *("nsenter -t 1 -m true", "hostname other", "su -c true", "dmesg"),
        *("swapoff -a && cat /nothing", "date -s 2020-01-01", "renice -n -5 $$"),
    ],
)
def test_privileged_commands_are_refused(shell: Any, command: str) -> None:
    """Mounts, name spaces, clocks and priorities are not the user's to change."""
    assert "worked" not in shell(f"{command} </dev/null >/dev/null 2>&1 && echo worked")


def test_dangerous_system_calls_are_refused(shell: Any) -> None:
    """What changes or watches the kernel is refused."""
    assert shell.python(KERNEL) == "asked\n"


def test_server_can_not_be_read_or_traced(shell: Any) -> None:
    """The one process that holds a socket of the machine's network is out of reach."""
    said = shell.python(TRACE)

    assert "attach -1 Operation not permitted" in said
    assert "seize -1 Operation not permitted" in said
    assert "descriptor" not in said
    for name in ("mem", "environ", "fd", "maps", "root", "cwd"):
        assert f"{name} Permission denied" in said


def test_server_can_not_be_killed_from_inside(shell: Any) -> None:
    """A careless `kill -9` of the first process does nothing."""
    for way in ("kill -9 1", "kill -TERM 1", "kill -HUP -1"):
        assert shell(f"{way} 2>/dev/null; sleep 0.1; echo alive") == "alive\n"


def test_orphans_are_collected(shell: Any) -> None:
    """Programs that lost their parent leave no zombies behind."""
    shell("for i in 1 2 3; do (sleep 0.1 &) ; done; sleep 0.4")

    assert shell("grep -l 'Z (zombie)' /proc/[0-9]*/status 2>/dev/null") == ""


def test_environment_has_only_what_a_shell_needs(shell: Any) -> None:
    """Neither how the server was launched nor anything of the launcher is in there."""
    names = {line.split("=")[0] for line in shell("env").splitlines()}

    assert names <= {
        *("HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "TERM", "COLORTERM"),
        *("PWD", "OLDPWD", "SHLVL", "_", "LS_COLORS", "IPT_TERMINAL"),
    }


@pytest.mark.parametrize(
    "file",
    [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sys/kernel/hostname",
        "/proc/sysrq-trigger",
        "/proc/irq/default_smp_affinity",
        "/proc/1/oom_score_adj",
        "/sys/devices/system/cpu/cpu0/uevent",
        "/sys/fs/cgroup/pids/pids.max",
        "/sys/fs/cgroup/pids.max",
    ],
)
def test_kernel_settings_can_not_be_written(shell: Any, file: str) -> None:
    """What rules the machine or the container's limits stays as it is."""
    # Opened for appending and closed: if the wall is broken, nothing is changed.
    assert "opened" not in shell(f": 2>&1 >> {file} && echo opened")


def test_kernel_is_not_told(shell: Any) -> None:
    """Memory of the kernel and of other processes is covered."""
    for name in ("kcore", "keys", "timer_list", "kpagecount"):
        assert shell(f"head -c 64 /proc/{name} 2>/dev/null | wc -c") == "0\n"
    assert shell("ls /sys/firmware") == ""


def test_limits_are_what_was_asked_for(shell: Any) -> None:
    """Each process can open 1024 files and write 4 GiB, and leaves no core."""
    assert shell("ulimit -Hn; ulimit -Hc; ulimit -Hf") == "1024\n0\n4194304\n"
    assert "worked" not in shell("ulimit -c unlimited 2>/dev/null && echo worked")
    assert shell("df -k /tmp /dev/shm | awk '{print $2}' | tail -2") == (
        "524288\n524288\n"
    )


def test_machine_has_another_name(shell: Any) -> None:
    """Not even the machine's name is known."""
    assert shell("hostname") == "ipt\n"


def test_openmp_programs_are_compiled_and_run(shell: Any) -> None:
    """The compiler, make and two threads work, in /tmp as well."""
    (shell.place.homes / "alice/hello.c").write_text(OPENMP)

    for folder in ("~", "/tmp"):  # noqa: S108 - in there
        made = f"gcc -fopenmp ~/hello.c -o {folder}/hello && {folder}/hello"
        assert shell(made) == "threads 2\n"


def test_mpi_programs_are_compiled_and_run(shell: Any) -> None:
    """Two ranks find each other without any network."""
    (shell.place.homes / "alice/ranks.c").write_text(MPI)
    run = (
        "mpicc ~/ranks.c -o ~/ranks && mpirun --oversubscribe -np 2 ~/ranks </dev/null"
    )

    assert "sum 1\n" in shell(run)


def test_no_secret_is_anywhere(start_shell: Any, place: Any, planted: str) -> None:
    """Nothing of who launches is in the container's files, processes or description."""
    (place.folder / "secrets").mkdir()
    (place.folder / "secrets/key").write_text(planted)
    shell = start_shell()

    places = "/etc /home /opt /run /tmp /root /srv /var /mnt /dev/shm /boot"
    found = shell(f"grep -rlsF {planted[:12]} {places}")
    environments = shell("cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
    with place.client() as client:
        described = str(client.inspect_container(place.everything()[0]["Id"]))

    assert found == ""
    assert planted not in environments
    assert planted not in described
    assert "PRIVATE KEY" not in described


def test_image_needs_nothing_of_the_home(start_shell: Any, place: Any) -> None:
    """What a user puts into the home does not run in the server."""
    evil = place.homes / "alice/.local/lib/python3.11/site-packages/sitecustomize.py"
    evil.parent.mkdir(parents=True)
    evil.write_text("open('/home/ipt/ran', 'w')")
    shell = start_shell()

    assert shell("echo works") == "works\n"
    assert not Path(place.homes / "alice/ran").exists()
