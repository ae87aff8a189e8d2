"""The table of components, asked about machines that have and lack them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agave_deploy.local_stack.doctor import (
    COMPONENTS,
    Machine,
    find_missing,
    write_report,
)


def _machine(
    programs: set[str],
    answers: dict[str, tuple[int, str]] | None = None,
    sandbox: str | None = None,
) -> Machine:
    def run(command: Sequence[str]) -> tuple[int, str]:
        key = " ".join(command)
        for start, answer in (answers or {}).items():
            if key.startswith(start):
                return answer
        return 0, ""

    return Machine(
        lambda name: name if name in programs else None, run, lambda: sandbox
    )


def test_report_bare_machine() -> None:
    """Each missing component is named with its cost and its remedy."""
    report = write_report(_machine(set(), sandbox="bwrap is refused"))

    assert "here" not in {line.split()[0] for line in report.splitlines()}
    for component in COMPONENTS.values():
        assert f"MISSING  {component.name}: " in report
        assert f"without it, {component.cost}" in report
        assert f"apt install {component.apt}" in report


def test_report_full_machine() -> None:
    """A machine that has everything lacks nothing."""
    programs = {
        *("gcc", "g++", "node", "chromium", "mpicc", "mpirun", "clang-19"),
        *("shellcheck", "sshd", "podman", "runc", "ip", "debootstrap", "unshare"),
        *("slurmctld", "slurmd", "munged", "sbatch", "mount"),
    }
    answers = {
        "id -u": (0, "0\n"),
        "node": (0, "v20.11.0\n"),
        "clang-19 -print-file-name": (0, "/usr/lib/libarcher.so\n"),
    }

    assert "MISSING" not in write_report(_machine(programs, answers))


@pytest.mark.parametrize("said", ["v16.20.2\n", "", "what?"])
def test_old_node(said: str) -> None:
    """A node that can't run the tests counts as none."""
    missing = find_missing("node", _machine({"node"}, {"node": (0, said)}))

    assert missing is not None
    assert "too old or broken" in str(missing)


def test_sandbox_is_tried() -> None:
    """A bubblewrap that this machine refuses counts as none, with the reason."""
    missing = find_missing("bubblewrap", _machine({"bwrap"}, sandbox="it is refused"))

    assert missing is not None
    assert str(missing) == (
        "component bubblewrap is missing (it is refused): "
        "apt install bubblewrap (not on macOS)"
    )


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"clang-19 -fopenmp": (1, "x\nno runtime\n")}, "race check: no runtime"),
        ({"clang-19 -fopenmp": (1, "")}, "race check: no reason given"),
        ({"clang-19 -print": (0, "libarcher.so\n")}, "libarcher.so is not there"),
    ],
)
def test_race_detector_is_tried(
    answers: dict[str, tuple[int, str]], reason: str
) -> None:
    """A race detector that can't link counts as none, with the reason."""
    missing = find_missing("tsan", _machine({"clang-19"}, answers))

    assert missing is not None
    assert reason in missing.reason


def test_both_programs_needed() -> None:
    """A component of two programs needs both."""
    missing = find_missing("openmpi", _machine({"mpicc"}))

    assert missing is not None
    assert missing.reason == "no mpirun here"


@pytest.mark.parametrize(
    ("programs", "said", "reason"),
    [
        ({"podman", "ip"}, "0\n", "no runc here"),
        ({"podman", "runc", "ip"}, "1000\n", "the tests start an engine as root only"),
    ],
)
def test_engine_of_root(programs: set[str], said: str, reason: str) -> None:
    """A container engine counts where the tests may start one of their own."""
    missing = find_missing("podman", _machine(programs, {"id -u": (0, said)}))

    assert missing is not None
    assert missing.reason == reason


def test_real_machine_finds_programs() -> None:
    """The real machine runs programs, and says what is not there."""
    machine = Machine.real()

    assert machine.find("sh") is not None
    assert machine.find("no-such-program") is None
    assert machine.run(["sh", "-c", "echo x; exit 3"]) == (3, "x\n")
    assert machine.run([str(Path("/no-such-program"))]) == (
        1,
        "No such file or directory",
    )


def test_report_terminals() -> None:
    """What is known of terminals in containers stands below the components."""
    machine = Machine(lambda _: None, lambda _: (1, ""), lambda: None, lambda: "None.")

    assert write_report(machine).splitlines()[-2:] == ["", "None."]


def test_doctor_asks_the_engine_that_is_named(tmp_path: Path) -> None:
    """An engine that a person names is asked rather than looked for."""
    url = f"unix://{tmp_path}/no.sock"

    assert f"The engine {url} does not answer" in Machine.real(url).terminals()
