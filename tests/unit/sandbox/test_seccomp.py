"""The filter of system calls, run by a small interpreter of its instructions."""

import struct
from collections.abc import Callable

import pytest

from sandbox import make_filter
from sandbox.calls import DENIED, HIDDEN, NEW_NAMESPACES, RULES
from sandbox.seccomp import (
    ALLOW,
    ENOSYS,
    EPERM,
    ERRNO,
    IF_ANY_BIT,
    IF_AT_LEAST,
    IF_EQUAL,
    INSTRUCTION,
    KILL,
    LOAD,
    PROCESSORS,
    RETURN,
)

DENY = ERRNO | EPERM
TESTS: dict[int, Callable[[int, int], bool]] = {
    IF_EQUAL: lambda held, value: held == value,
    IF_AT_LEAST: lambda held, value: held >= value,
    IF_ANY_BIT: lambda held, value: bool(held & value),
}
MACHINES = list(PROCESSORS)
# Numbers of calls that rules look into, on x86-64 and aarch64.
CLONE, UNSHARE, SOCKET, IOCTL, KILL_CALL, FCNTL, PRLIMIT = (
    *((56, 220), (272, 97), (41, 198), (16, 29), (62, 129), (72, 25), (302, 261)),
)
PAIR, OPENAT, FCHMODAT, MKNODAT = (53, 199), (257, 56), (268, 53), (259, 33)


def run(machine: str, number: int, *arguments: int, arch: int = 0) -> int:
    """Return what the filter answers to a call."""
    processor = PROCESSORS[machine]
    padded = [*arguments, *(0 for _ in range(6 - len(arguments)))]
    data = struct.pack("=IIQ6Q", number, arch or processor.arch, 0, *padded)
    program = list(INSTRUCTION.iter_unpack(make_filter(machine)))
    place = held = 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        if code == RETURN:
            return int(value)
        if code == LOAD:
            held = struct.unpack_from("=I", data, value)[0]
        else:
            place += yes if TESTS[code](held, value) else no


def number(machine: str, pair: tuple[int, int]) -> int:
    """Return a call's number on a processor."""
    return pair[PROCESSORS[machine].column]


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_the_list_are_denied(machine: str) -> None:
    """Whatever their arguments are."""
    column = PROCESSORS[machine].column
    numbers = [row[column] for row in DENIED.values()]

    assert {run(machine, n, 5, 5) for n in numbers if n is not None} == {DENY}


@pytest.mark.parametrize("machine", MACHINES)
def test_other_calls_are_allowed(machine: str) -> None:
    """All that no list names: reading, starting programs, tracing, memory."""
    column = PROCESSORS[machine].column
    named = {row[column] for row in DENIED.values()} | set(HIDDEN.values())
    looked_into = {rule.numbers[column] for rule in RULES}
    free = [n for n in range(470) if n not in named | looked_into]
    answers = {n: run(machine, n, 1, 0xFFFF, 0xFFFF, 0xFFFF) for n in free}

    assert len(free) > 350
    assert set(answers.values()) == {ALLOW}


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_with_hidden_flags_look_unknown(machine: str) -> None:
    """So that programs take the older ones, whose flags a filter sees."""
    assert {run(machine, n) for n in HIDDEN.values()} == {ERRNO | ENOSYS}


@pytest.mark.parametrize("machine", MACHINES)
def test_foreign_programs_are_ended(machine: str) -> None:
    """The numbers of another processor's calls mean something else."""
    assert run(machine, 1, arch=0x40000003) == KILL


def test_second_interface_of_x86_is_denied() -> None:
    """Its numbers are the usual ones and one bit."""
    assert run("x86_64", 0x40000000 | 1) == DENY
    assert run("aarch64", 0x40000000 | 1) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_namespaces_are_denied_and_threads_are_not(machine: str) -> None:
    """Each of the flags is enough; clone3 looks as if the kernel had none."""
    clone, unshare = number(machine, CLONE), number(machine, UNSHARE)
    flags = [1 << bit for bit in range(32) if NEW_NAMESPACES & 1 << bit]

    assert len(flags) == 8
    for flag in flags:
        assert run(machine, clone, flag | 17) == DENY
        assert run(machine, unshare, flag) == DENY
    assert run(machine, clone, 0x3D0F00) == ALLOW  # a thread of glibc
    assert run(machine, clone, 17) == ALLOW  # fork
    assert run(machine, unshare, 0x400) == ALLOW  # its own table of files


@pytest.mark.parametrize("machine", MACHINES)
def test_socket_families_are_few(machine: str) -> None:
    """Those that programs use; vsock and packets are not among them."""
    call = number(machine, SOCKET)
    families = [family for family in range(64) if run(machine, call, family) == ALLOW]
    pair = number(machine, PAIR)

    assert families == [1, 2, 10, 16]
    assert [n for n in range(64) if run(machine, pair, n) == ALLOW] == [1]


@pytest.mark.parametrize("machine", MACHINES)
def test_socket_protocols_are_few(machine: str) -> None:
    """No SCTP, DCCP or netfilter, whose parts of the kernel are seldom looked at."""
    call = number(machine, SOCKET)

    def allowed(family: int) -> list[int]:
        return [n for n in range(300) if run(machine, call, family, 1, n) == ALLOW]

    assert allowed(2) == allowed(10) == [0, 1, 6, 17, 58]
    assert allowed(16) == [0]
    assert len(allowed(1)) == 300


@pytest.mark.parametrize("machine", MACHINES)
def test_no_file_runs_as_its_owner(machine: str) -> None:
    """Not made so, nor changed; a mode counts only where something is made."""
    openat, chmod = number(machine, OPENAT), number(machine, FCHMODAT)
    mknod = number(machine, MKNODAT)

    for mode in (0o4755, 0o2755, 0o6000):
        assert run(machine, chmod, 3, 0, mode) == DENY
        assert run(machine, mknod, 3, 0, 0o100000 | mode) == DENY
        assert run(machine, openat, 3, 0, 0o101, mode) == DENY
        assert run(machine, openat, 3, 0, 0o20200002, mode) == DENY  # O_TMPFILE
        assert run(machine, openat, 3, 0, 0o200000, mode) == ALLOW  # O_DIRECTORY
    assert run(machine, chmod, 3, 0, 0o1777) == ALLOW
    assert run(machine, openat, 3, 0, 0o101, 0o1777) == ALLOW
    assert run(machine, mknod, 3, 0, 0o010600) == ALLOW  # a named pipe
    if machine == "x86_64":
        assert run(machine, 90, 0, 0o4755) == DENY
        assert run(machine, 2, 0, 0o101, 0o4755) == DENY
        assert run(machine, 2, 0, 0, 0o4755) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_typing_for_others_is_denied(machine: str) -> None:
    """Whatever is in the half of the argument that the kernel drops."""
    call = number(machine, IOCTL)

    assert run(machine, call, 0, 0x5412) == DENY
    assert run(machine, call, 0, 0x1_0000_5412) == DENY
    assert run(machine, call, 0, 0x5423) == DENY  # another driver for the line
    assert run(machine, call, 0, 0x5413) == ALLOW  # the window's size


@pytest.mark.parametrize("machine", MACHINES)
def test_first_process_is_out_of_reach(machine: str) -> None:
    """Signals, its limits, and signals that come with input; others' are not."""
    kill, limit = number(machine, KILL_CALL), number(machine, PRLIMIT)
    fcntl = number(machine, FCNTL)

    assert run(machine, kill, 1, 15) == DENY
    assert run(machine, kill, 0xFFFF_FFFF_0000_0001, 15) == DENY
    assert run(machine, kill, 17, 1) == ALLOW
    assert run(machine, limit, 1) == DENY
    assert run(machine, limit, 0) == ALLOW
    assert run(machine, fcntl, 3, 8, 1) == DENY  # F_SETOWN
    assert run(machine, fcntl, 3, 8, 17) == ALLOW
    assert run(machine, fcntl, 3, 15, 0) == DENY  # F_SETOWN_EX
    assert run(machine, fcntl, 3, 4, 1) == ALLOW  # F_SETFL


def test_filter_fits_the_kernel() -> None:
    """At most 4096 instructions, of which none leads out of the program."""
    for machine in MACHINES:
        program = list(INSTRUCTION.iter_unpack(make_filter(machine)))

        assert len(program) <= 4096
        assert program[-1][0] == RETURN
        for place, (_, yes, no, _) in enumerate(program):
            assert place + 1 + max(yes, no) < len(program) or max(yes, no) == 0


def test_unknown_processor_has_no_filter() -> None:
    """Better none than one with the wrong numbers."""
    assert make_filter("riscv64") == b""
