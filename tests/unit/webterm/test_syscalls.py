"""Filters of system calls: which are taken, and that they hold."""

import base64
import os
import struct
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webterm.launch import BadLaunch, from_values
from webterm.syscalls import choose_filter
from webterm.testing import example_launch

ALLOW = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
NO_GETSID = b"".join(
    [
        struct.pack("=HBBI", 0x20, 0, 0, 0),
        struct.pack(
            "=HBBI", 0x15, 0, 1, 124 if os.uname().machine == "x86_64" else 156
        ),
        struct.pack("=HBBI", 0x06, 0, 0, 0x00050001),
        ALLOW,
    ]
)
TRY = """
import os, sys
from webterm.syscalls import filter_calls
filter_calls(bytes.fromhex(sys.argv[1]))
try:
    os.getsid(0)  # 0 where the leader is outside this process namespace
    print("allowed")
except PermissionError:
    print("refused")
"""


def encoded(program: bytes) -> str:
    """Return a program as a launch has it."""
    return base64.b64encode(program).decode()


def test_filter_of_this_machine_is_chosen() -> None:
    """Each kind of processor has its own, and some have none."""
    filters = {"one": encoded(ALLOW), "other": encoded(ALLOW * 2)}

    assert choose_filter(filters, "other") == ALLOW * 2
    assert choose_filter(filters) == b""


@pytest.mark.parametrize(
    "filters",
    [
        {"x": "***"},
        {"x": encoded(b"half")},
        {"x": encoded(ALLOW * 4097)},
        {"x": 1},
        "x",
    ],
)
def test_launch_with_a_bad_filter_is_refused(filters: object) -> None:
    """What can't be brought into force must not be passed over."""
    values = vars(example_launch(Ed25519PrivateKey.generate()))

    with pytest.raises(BadLaunch, match="filters must be programs"):
        from_values({**values, "shell": ["sh"], "origins": [], "filters": filters})


@pytest.mark.skipif(sys.platform != "linux", reason="a filter is Linux's")
@pytest.mark.parametrize(
    ("program", "said"), [(NO_GETSID, "refused"), (b"", "allowed")]
)
def test_filter_holds(program: bytes, said: str) -> None:
    """A call that it denies fails; without one all is as before."""
    done = subprocess.run(
        [sys.executable, "-c", TRY, program.hex()],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == said


@pytest.mark.skipif(sys.platform != "linux", reason="a filter is Linux's")
def test_kernel_refuses_nonsense() -> None:
    """A program that is none is an error."""
    done = subprocess.run(
        [sys.executable, "-c", TRY, "ff" * 8],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert "no filter: Invalid argument" in done.stderr
