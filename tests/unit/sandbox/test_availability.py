"""Whether a sandbox can be made here, and why not."""

import subprocess
from collections.abc import Sequence

import pytest

from sandbox import Availability, available, describe_walls

Done = subprocess.CompletedProcess[str]


def refuse(command: Sequence[str]) -> Done:
    """Fail as bwrap does where user namespaces are switched off."""
    text = "bwrap: No permissions to create new namespace\n"
    return Done(list(command), 1, "", text)


def fail_silently(command: Sequence[str]) -> Done:
    """Fail without a word."""
    return Done(list(command), 7, "", "")


def hang(command: Sequence[str]) -> Done:
    """Take too long."""
    raise subprocess.TimeoutExpired(list(command), 10)


def succeed(command: Sequence[str]) -> Done:
    """Work."""
    return Done(list(command), 0, "", "")


@pytest.mark.parametrize(
    ("missing", "package"), [("bwrap", "bubblewrap"), ("prlimit", "util-linux")]
)
def test_missing_program_is_named_with_its_package(missing: str, package: str) -> None:
    """The reason says what to install."""
    look = Availability(lambda name: None if name == missing else name, succeed)

    assert look.reason() == f"{missing} is not installed (Debian package {package})"


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (refuse, "No permissions to create new namespace"),
        (fail_silently, "exit 7"),
        (hang, "bwrap can't be tried: TimeoutExpired"),
    ],
)
def test_refusal_is_explained(run: object, reason: str) -> None:
    """What bwrap says is part of the reason."""
    found = Availability(lambda name: name, run).reason()  # type: ignore[arg-type]

    assert reason in (found or "")


def test_success_needs_no_reason() -> None:
    """None means that a sandbox was just made."""
    assert Availability(lambda name: name, succeed).reason() is None


@pytest.mark.needs("bubblewrap")
def test_this_machine_is_tried() -> None:
    """Where bubblewrap works, the real trial says so."""
    assert available() is None


@pytest.mark.parametrize(
    ("missing", "machine", "said"),
    [
        (set(), "x86_64", "Sandboxes: limited as a whole, with a filter"),
        ({"memory", "pids"}, "x86_64", "no limit on memory, the number of processes"),
        (set(), "riscv64", "not filtered on this processor"),
    ],
)
def test_what_sandboxes_lack_is_said(
    missing: set[str], machine: str, said: str
) -> None:
    """With the way out."""
    found = describe_walls(lambda: frozenset(missing), machine)

    assert said in found
    assert ("Delegate=yes" in found) == bool(missing)
