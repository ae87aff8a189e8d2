"""A filter of system calls for the shell and all that it starts.

Whoever starts the server decides what is in it (a launch's `filters`, one for each kind
of processor): the server only brings it into force, on any engine and any machine.
"""

import base64
import binascii
import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
INSTRUCTION_BYTES = 8
MOST_INSTRUCTIONS = 4096


class Program(ctypes.Structure):
    """`struct sock_fprog`: how many instructions, and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def choose_filter(filters: "Mapping[str, str]", machine: str = "") -> bytes:
    """Return the filter for a kind of processor, empty where there is none.

    Args:
        filters: Base64 of BPF programs, by `uname -m`.
        machine: This machine's kind by default.

    Raises:
        ValueError: It is no program.
    """
    text = filters.get(machine or os.uname().machine, "")
    try:
        program = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a filter is not base64") from error
    count, rest = divmod(len(program), INSTRUCTION_BYTES)
    if rest or count > MOST_INSTRUCTIONS:
        raise ValueError("a filter is not a program")
    return program


def filter_calls(program: bytes) -> None:
    """Bring a filter into force for this process and all that it starts, for good.

    Raises:
        OSError: The kernel does not take it.
    """
    if not program:
        return
    # A second handle: the first keeps no errno.
    libc = ctypes.CDLL(None, use_errno=True)
    told = Program(len(program) // INSTRUCTION_BYTES, program)
    refused = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(told), 0, 0
    )
    if refused:
        number = ctypes.get_errno()
        raise OSError(number, f"no filter: {os.strerror(number)}")
