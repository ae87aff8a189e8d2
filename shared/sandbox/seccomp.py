"""A filter of system calls: what no program in a sandbox has any business with.

Namespaces, missing capabilities and `no_new_privs` are the walls; the filter keeps
programs away from parts of the kernel where walls have had holes, and from process 1,
which runs as the same user.  It is a classic BPF program (`man 2 seccomp`), in the
form that bwrap takes through `--seccomp`.

    load arch ─▶ foreign? end ─▶ load number ─▶ denied? EPERM ─▶ denied with those
    arguments? EPERM ─▶ allow
"""

import itertools
import os
import struct
from dataclasses import dataclass

from .calls import DENIED, HIDDEN, RULES, Argument, Rule, Test

# Answers of the filter (linux/seccomp.h), with the error in the lower half.
KILL = 0x80000000
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EPERM = 1
ENOSYS = 38

# Operations (linux/bpf_common.h).
LOAD, RETURN = 0x20, 0x06
IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT = 0x15, 0x35, 0x45
INSTRUCTION = struct.Struct("=HBBI")

# struct seccomp_data: number, arch, address, six arguments of 64 bits.  All that is
# looked at are 32-bit values, of which the kernel ignores the upper half, too.
NUMBER_AT, ARCH_AT, ARGUMENTS_AT, ARGUMENT_SIZE = 0, 4, 16, 8


@dataclass(frozen=True)
class Processor:
    """One kind of processor: its name for the kernel, and its numbers of calls.

    Attributes:
        arch: AUDIT_ARCH_…, 64 bits and little-endian.
        column: Which of the numbers in the tables is this processor's.
        second_abi: From this number on calls are of another ABI (x32), 0 for none.
    """

    arch: int
    column: int
    second_abi: int = 0


PROCESSORS = {
    "x86_64": Processor(0xC000003E, 0, 0x40000000),
    "aarch64": Processor(0xC00000B7, 1),
}


def make_filter(machine: str = "") -> bytes:
    """Return the filter for a kind of processor, empty where none is known for it.

    Args:
        machine: As `uname -m` says it; this machine by default.
    """
    processor = PROCESSORS.get(machine or os.uname().machine)
    if processor is None:
        return b""
    program = [
        *(load(ARCH_AT), *unless(IF_EQUAL, processor.arch, [answer(KILL)])),
        load(NUMBER_AT),
    ]
    if processor.second_abi:
        program += when(IF_AT_LEAST, processor.second_abi, [deny()])
    for numbers in DENIED.values():
        number = numbers[processor.column]
        if number is not None:
            program += when(IF_EQUAL, number, [deny()])
    for number in HIDDEN.values():
        program += when(IF_EQUAL, number, [answer(ERRNO | ENOSYS)])
    for rule in RULES:
        number = rule.numbers[processor.column]
        if number is not None:
            block = [*check(rule), load(NUMBER_AT)]
            program += when(IF_EQUAL, number, block)
    return b"".join([*program, answer(ALLOW)])


def check(rule: Rule) -> list[bytes]:
    """Return what denies a call by its arguments, and falls through otherwise."""
    block = [deny()]
    for argument in reversed(rule.arguments):
        block = look(argument, block)
    return block


def look(argument: Argument, block: list[bytes]) -> list[bytes]:
    """Return instructions that come to others only where an argument is as said."""
    fetch = load(ARGUMENTS_AT + argument.place * ARGUMENT_SIZE)
    if argument.test is Test.OTHER:
        for value in argument.values:
            block = unless(IF_EQUAL, value, block)
        return [fetch, *block]
    test = IF_EQUAL if argument.test is Test.EQUAL else IF_ANY_BIT
    # Each time anew: the others may fetch something else and fall through.
    each = ([fetch, *when(test, value, block)] for value in argument.values)
    return list(itertools.chain.from_iterable(each))


def instruct(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """Return one instruction."""
    return INSTRUCTION.pack(code, yes, no, value)


def load(place: int) -> bytes:
    """Return what loads 32 bits of the call's description."""
    return instruct(LOAD, place)


def answer(value: int) -> bytes:
    """Return what ends the filter."""
    return instruct(RETURN, value)


def deny() -> bytes:
    """Return what ends the filter with EPERM."""
    return answer(ERRNO | EPERM)


def when(test: int, value: int, block: list[bytes]) -> list[bytes]:
    """Return instructions with a test before them that goes round them."""
    return [instruct(test, value, 0, len(block)), *block]


def unless(test: int, value: int, block: list[bytes]) -> list[bytes]:
    """Return instructions that are gone round where the test holds."""
    return [instruct(test, value, len(block), 0), *block]
