"""Whether a sandbox can be made here, and why not."""

import subprocess
from collections.abc import Sequence

import pytest

from sandbox import Availability, available

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
