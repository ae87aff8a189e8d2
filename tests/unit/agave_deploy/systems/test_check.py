"""What an operator is told of a machine before it is deployed."""

import shlex
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from agave_deploy.systems.check import Finding, check_file, check_machine
from agave_deploy.systems.reach import fingerprint
from agave_deploy.systems.reading import to_system

PROGRAMS = {
    *("awk", "bash", "grep", "mkdir", "ps", "xargs", "gcc", "mpirun"),
    *("sbatch", "scancel", "scontrol", "sinfo", "squeue"),
}


class Cluster:
    """Answers the scripts of a check as a machine would.

    Attributes:
        lacks: programs that are not there.
        answers: exit code and words, by what a script begins with.
    """

    def __init__(self, *lacks: str, **answers: tuple[int, str]) -> None:
        self._has = PROGRAMS - set(lacks)
        usual = {"mkdir": (0, ""), "sinfo": (0, "default\ndefault\n"), "bash": (0, "")}
        self._answers = usual | answers

    def __call__(self, script: str) -> tuple[int, str]:
        """Run a script."""
        if script.startswith("for name in "):
            words = shlex.split(script.partition(";")[0])[3:]
            missing = [word for word in words if word not in self._has]
            return 0, "".join(f"missing={word}\n" for word in missing)
        if "sinfo" in script:
            return self._answers["sinfo"]
        return self._answers[script.split(maxsplit=1)[0]]


Check = Callable[[Cluster], list[Finding]]


@pytest.fixture(name="check")
def _check(far: dict[str, Any]) -> Check:
    entry = to_system(far, "far.yaml", {})
    return lambda cluster: list(check_machine(entry, cluster))


def _wrong(findings: Iterable[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.verdict == "WRONG"]


def test_everything_is_there(check: Check) -> None:
    """A machine that has everything is praised for each thing."""
    assert [str(finding) for finding in check(Cluster())] == [
        "  ok     folder /scratch/ipt can be written to",
        "  ok     queue default is a partition",
        "  ok     there is a module system",
        "  ok     gcc is there",
        "  ok     mpirun is there",
    ]


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        (
            Cluster(mkdir=(1, "mkdir: x\nmkdir: Permission denied\n\n")),
            "folder /scratch/ipt can't be written to: mkdir: Permission denied",
        ),
        (
            Cluster(mkdir=(1, "")),
            "folder /scratch/ipt can't be written to: no reason given",
        ),
        (Cluster("awk"), "there is no awk, which every job needs"),
        (
            Cluster("sbatch", "sinfo"),
            (
                "there is no sbatch, sinfo: not in a shell that nobody sits at, "
                "and not by /etc/profile; is there Slurm?"
            ),
        ),
        (Cluster(sinfo=(1, "sinfo: down")), "sinfo says: sinfo: down"),
        (
            Cluster(sinfo=(0, "short\nlong\n")),
            (
                "there is no partition default for the queue default; "
                "there are long, short"
            ),
        ),
        (
            Cluster(sinfo=(0, "")),
            "there is no partition default for the queue default; there are none",
        ),
    ],
)
def test_what_is_wrong(check: Check, cluster: Cluster, expected: str) -> None:
    """What a machine lacks is said with its name."""
    assert _wrong(check(cluster)) == [expected]


def test_no_module_system(check: Check) -> None:
    """A module system that is not there is no good promise."""
    (text,) = _wrong(check(Cluster(bash=(1, ""))))

    assert text.startswith("modules: true, but")


def test_compiler_by_module(check: Check) -> None:
    """Where there are modules, a compiler may come from one."""
    findings = check(Cluster("gcc"))

    assert Finding("note", "gcc is not there without a module") in findings
    assert _wrong(findings) == []


def test_missing_compiler(near: dict[str, Any]) -> None:
    """Without modules a compiler that is not there is a promise that is not kept."""
    findings = check_machine(to_system(near, "near.yaml", {}), Cluster("gcc"))

    (text,) = _wrong(findings)
    assert text.startswith("there is no gcc; take 'gcc -O2' out of the file")


def test_folder_of_the_account(far: dict[str, Any]) -> None:
    """A folder with a place for the account is looked at as that account's."""
    far["folders"]["scratch"] = "/scratch/{account}"

    (first, *_) = check_machine(to_system(far, "far.yaml", {}), Cluster())

    assert first.text == "folder /scratch/ipt can be written to"


def test_mapped_queue(far: dict[str, Any]) -> None:
    """A queue is looked for by the scheduler's own name."""
    far["queues"][0]["mapped_name"] = "cpu"
    entry = to_system(far, "far.yaml", {})

    assert _wrong(check_machine(entry, Cluster(sinfo=(0, "cpu")))) == []


def test_file(far: dict[str, Any]) -> None:
    """A file that is right says what would be registered."""
    lines = [str(each) for each in check_file(to_system(far, "far.yaml", {}))]

    assert lines == [
        "  ok     the file of the system far: A cluster",
        "  ok     systems ipt.build.far, ipt.run.far",
        (
            "  ok     apps ipt-build-far-0.2.0, ipt-run-far-0.2.0, "
            "ipt-build-run-far-0.2.0, ipt-compare-far-0.2.0"
        ),
        "  ok     queue default (default): 1 nodes, 4 processors on each, 04:00:00",
    ]


def test_historical_file(far: dict[str, Any]) -> None:
    """A template of the past says that it is one."""
    entry = to_system(far | {"historical": True}, "far.yaml", {})

    assert [each.verdict for each in check_file(entry)] == ["ok", "note"]


def test_fingerprint() -> None:
    """A fingerprint looks as that of ssh-keygen."""
    key = (
        "ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    )

    assert fingerprint(key) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
