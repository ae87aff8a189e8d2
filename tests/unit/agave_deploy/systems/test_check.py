"""What an operator is told of a machine before it is deployed."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.systems.check import (
    Finding,
    check_file,
    check_folders,
    check_machine,
)
from agave_deploy.systems.reach import fingerprint
from agave_deploy.systems.reading import to_system

PROGRAMS = {
    *("awk", "bash", "grep", "mkdir", "ps", "xargs", "gcc", "mpirun"),
    *("sbatch", "scancel", "scontrol", "sinfo", "squeue"),
}


def partition(name: str, **facts: str) -> str:
    """Return what scontrol says of a partition."""
    usual = {
        "PartitionName": name,
        "AllowGroups": "ALL",
        "MaxNodes": "UNLIMITED",
        "MaxTime": "1-00:00:00",
        "MaxCPUsPerNode": "UNLIMITED",
        "State": "UP",
        "TotalNodes": "9",
        "MaxMemPerNode": "UNLIMITED",
    }
    return " ".join(f"{key}={value}" for key, value in (usual | facts).items()) + "\n"


class Cluster:
    """Answers the scripts of a check as a machine would.

    Attributes:
        lacks: programs that are not there.
        answers: exit code and words, by what a script begins with.
    """

    def __init__(self, *lacks: str, **answers: tuple[int, str]) -> None:
        self._has = PROGRAMS - set(lacks)
        usual = {
            "place": (0, "there\n"),
            "sinfo": (0, "default|4|8000|9|idle\n"),
            "scontrol": (0, partition("default")),
            "bash": (0, ""),
        }
        self._answers = usual | answers

    def __call__(self, script: str) -> tuple[int, str]:
        """Run a script."""
        if script.startswith("for name in "):
            words = shlex.split(script.partition(";")[0])[3:]
            missing = [word for word in words if word not in self._has]
            return 0, "".join(f"missing={word}\n" for word in missing)
        for command in ("scontrol", "sinfo --"):
            if command in script:
                return self._answers[command.split()[0]]
        return self._answers[re.split(r"\W", script, maxsplit=1)[0]]


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
            Cluster(place=(1, "x\nipt may not write to /scratch\n\n")),
            "folder /scratch/ipt can't be written to: ipt may not write to /scratch",
        ),
        (
            Cluster(place=(1, "")),
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
        (Cluster(scontrol=(1, "slurm: down")), "scontrol says: slurm: down"),
        (
            Cluster(scontrol=(0, partition("short") + partition("long"))),
            (
                "there is no partition default for the queue default; "
                "there are long, short"
            ),
        ),
        (
            Cluster(scontrol=(0, "")),
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

    assert _wrong(check_machine(entry, Cluster(scontrol=(0, partition("cpu"))))) == []


QUEUE = {
    "name": "default",
    "default": True,
    "max_nodes": 9,
    "max_processors": 64,
    "max_run_time": "24:00:00",
    "max_memory": "64GB",
}


@pytest.mark.parametrize(
    ("facts", "nodes", "notes"),
    [
        ({}, "default|64|65536|9|idle", []),
        ({"MaxTime": "UNLIMITED"}, "default|64|1|9|mix", []),
        ({}, "", []),
        ({"MaxNodes": "12"}, "default|64|65536|9|alloc*", []),
        (
            {"MaxNodes": "4", "MaxTime": "02:30:00"},
            "default|16|32000|5|idle\ndefault|32|64000|4|idle\nother|99|1|1|idle",
            [
                "max_nodes is 9; the partition gives 4",
                "max_processors is 64; the partition gives 32",
                "max_run_time is 24:00:00; the partition gives 02:30:00",
                "max_memory is 64GB; the partition gives 64000MB",
            ],
        ),
        (
            {"TotalNodes": "2", "MaxCPUsPerNode": "8", "MaxMemPerNode": "1024"},
            "default|64|65536|2|idle",
            [
                "max_nodes is 9; the partition gives 2",
                "max_processors is 64; the partition gives 8",
                "max_memory is 64GB; the partition gives 1024MB",
            ],
        ),
        (
            {"State": "DOWN"},
            "default|64|65536|9|idle",
            ["the partition is DOWN now, and begins no job"],
        ),
        (
            {},
            "default|64|65536|8|down*\ndefault|64|65536|1|drng",
            ["all nodes of the partition are down or drained now"],
        ),
    ],
)
def test_queue_that_promises_too_much(
    far: dict[str, Any], facts: dict[str, str], nodes: str, notes: list[str]
) -> None:
    """What a partition does not give, or not now, is noted, and is no failure."""
    entry = to_system(far | {"queues": [QUEUE]}, "far.yaml", {})
    cluster = Cluster(sinfo=(0, nodes), scontrol=(0, partition("default", **facts)))

    findings = list(check_machine(entry, cluster))

    assert _wrong(findings) == []
    said = [each.text for each in findings if each.verdict == "note"]
    assert said == [f"queue default: {note}" for note in notes]


def _here(script: str) -> tuple[int, str]:
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "verdict", "text"),
    [
        ("", "ok", "can be written to"),
        ("a b/'c'", "ok", "is not there yet; the first job makes it"),
        ("file/x", "WRONG", "can't be written to: {}/file is no folder"),
    ],
)
def test_folders(
    far: dict[str, Any], tmp_path: Path, name: str, verdict: str, text: str
) -> None:
    """A folder is looked at, and one that is not there is not made."""
    (tmp_path / "file").touch()
    far["folders"] = {"scratch": f"{tmp_path}/{name}".rstrip("/")}

    findings = list(check_folders(to_system(far, "x.yaml", {}), "ipt", _here))

    folder = far["folders"]["scratch"]
    expected = f"folder {folder} {text.format(tmp_path)}"
    assert findings == [Finding(verdict, expected)]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


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


def test_words_of_a_hostile_machine() -> None:
    """Nothing that a machine says moves or colours anybody's terminal."""
    said = str(Finding("WRONG", "sinfo says: \x1b]0;owned\x07\x9b2J\nok"))

    assert said == "  WRONG  sinfo says: ?]0;owned??2J?ok"
