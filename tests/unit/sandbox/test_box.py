"""Command lines of sandboxes."""

import itertools
import resource
from pathlib import Path

import pytest

from sandbox import Bind, Empty, Limits, Link, Sandbox, Tmpfs, proc_mounts

HOME = Path("/home/ipt")


def options(box: Sandbox) -> list[str]:
    """Return the command line of a sandbox without limits of this machine."""
    return box.command(["/bin/true", "--flag"], lambda _: resource.RLIM_INFINITY)


def pairs(arguments: list[str]) -> list[tuple[str, str]]:
    """Return all neighbours in a command line."""
    return list(itertools.pairwise(arguments))


def test_program_comes_last_and_as_it_is() -> None:
    """What runs inside can't be taken for an option."""
    assert options(Sandbox(()))[-3:] == ["--", "/bin/true", "--flag"]


def test_walls_are_always_there() -> None:
    """No field can leave out a namespace, a capability drop or the read-only root."""
    command = options(Sandbox((), network=True))

    assert {"--unshare-all", "--unshare-user", "--disable-userns"} <= set(command)
    assert ("--cap-drop", "ALL") in pairs(command)
    assert ("--remount-ro", "/") in pairs(command)
    assert ("--remount-ro", "/dev") in pairs(command)
    assert "--clearenv" in command


@pytest.mark.parametrize(
    ("box", "flag"),
    [
        (Sandbox((), network=True), "--share-net"),
        (Sandbox((), die_with_parent=True), "--die-with-parent"),
        (Sandbox((), new_session=True), "--new-session"),
        (Sandbox((), as_pid_1=True), "--as-pid-1"),
    ],
)
def test_flags_are_off_unless_asked_for(box: Sandbox, flag: str) -> None:
    """Each loosening of the sandbox is one field."""
    assert flag in options(box)
    assert flag not in options(Sandbox(()))


def test_values_become_options() -> None:
    """Numbers, names, folder, variables and the report's descriptor are passed on."""
    box = Sandbox(
        (),
        env={"A": "1", "B": "two words"},
        cwd=HOME,
        uid=7,
        gid=8,
        hostname="box",
        info_fd=9,
    )
    found = pairs(options(box))

    assert ("--chdir", "/home/ipt") in found
    assert ("B", "two words") in found
    assert {("--uid", "7"), ("--gid", "8"), ("--hostname", "box")} <= set(found)
    assert ("--info-fd", "9") in found


def test_user_of_the_machine_needs_no_user_namespace() -> None:
    """All other namespaces are there, and what is needed to become that user."""
    box = Sandbox((), uid=7, gid=8, real_user=True, seccomp_fd=9)
    command = options(box)
    found = pairs(command)

    assert {f"--unshare-{name}" for name in ("ipc", "pid", "uts", "net")} <= set(
        command
    )
    assert not {"--unshare-all", "--unshare-user", "--uid"} & set(command)
    kept = [value for option, value in found if option == "--cap-add"]
    assert kept == ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]
    assert ("--seccomp", "9") in found
    assert command[command.index("setpriv") :] == [
        *("setpriv", "--reuid", "7", "--regid", "8", "--clear-groups"),
        *("--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"),
        *("--", "/bin/true", "--flag"),
    ]
    shared = options(Sandbox((), network=True, real_user=True))
    assert "--unshare-net" not in shared


def test_folders_above_places_are_open_to_all() -> None:
    """They are made before what is in them, whoever the user inside is."""
    mounts = (Bind(Path("/x"), Path("/opt/deep/x")), Bind(Path("/y"), Path("/y")))
    command = options(Sandbox(mounts))
    start = command.index("/opt") - 3

    assert command[start : start + 8] == [
        *("--perms", "0755", "--dir", "/opt"),
        *("--perms", "0755", "--dir", "/opt/deep"),
    ]
    assert start < command.index("/opt/deep/x")


def test_mounts_become_options_in_order() -> None:
    """Later mounts lie on top of earlier ones."""
    mounts = (
        Bind(Path("/a"), Path("/x")),
        Bind(Path("/b"), Path("/y"), writable=True),
        Bind(Path("/c"), Path("/z"), optional=True),
        Link("usr/bin", Path("/bin")),
        Tmpfs(Path("/t"), 5),
        Tmpfs(Path("/u")),
        Empty(Path("/e")),
    )
    command = options(Sandbox(mounts))
    start = command.index("/a") - 1

    assert command[start : start + 27] == [
        *("--ro-bind", "/a", "/x"),
        *("--bind", "/b", "/y"),
        *("--ro-bind-try", "/c", "/z"),
        *("--symlink", "usr/bin", "/bin"),
        *("--perms", "1777", "--size", "5", "--tmpfs", "/t"),
        *("--perms", "1777", "--tmpfs", "/u"),
        *("--tmpfs", "/e", "--remount-ro", "/e"),
        "--remount-ro",
    ]


def test_limits_become_options() -> None:
    """Every limit that is set is asked for; core dumps are always off."""
    limits = Limits(1, 2, 3, 4, 5, 6)

    assert limits.arguments(lambda _: resource.RLIM_INFINITY) == [
        *("--core=0", "--fsize=1", "--nofile=2", "--nproc=3", "--as=4", "--cpu=5"),
        "--data=6",
    ]


def test_no_limit_is_more_than_may_be_asked_for() -> None:
    """Asking for more than the hard limit is an error of the kernel, so we do not."""
    assert Limits(open_files=1024).arguments(lambda _: 100) == [
        *("--core=0", "--fsize=100", "--nofile=100", "--nproc=100")
    ]


def test_limits_left_out_are_the_machines_own() -> None:
    """None means no option."""
    assert Limits(None, None, None).arguments() == ["--core=0"]


def test_machine_part_of_proc_is_covered(tmp_path: Path) -> None:
    """Of /proc only processes and a few harmless files are left as they are."""
    for name in ("12", "sys", "bus", "irq"):
        (tmp_path / name).mkdir()
    for name in ("kmsg", "cpuinfo", "meminfo", "brand-new-file"):
        (tmp_path / name).touch()
    (tmp_path / "self").symlink_to("12")

    assert proc_mounts(tmp_path) == (
        Bind(Path("/dev/null"), Path("/proc/brand-new-file")),
        Empty(Path("/proc/bus")),
        Empty(Path("/proc/irq")),
        Bind(Path("/dev/null"), Path("/proc/kmsg")),
        Bind(tmp_path / "sys", Path("/proc/sys")),
    )
