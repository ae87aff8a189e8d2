"""Whether a machine is what the file of its system says: asked before it is deployed.

    check_file ─▶ what would be registered
    check_machine ─▶ host key, sign-in, files ─▶ folders, commands, modules, queues

Everything is asked as the jobs will do it: by the same account, with the same key, in
a shell that nobody sits at.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from agave_deploy.systems.model import SystemEntry
from agave_deploy.systems.partitions import (
    SHOW_NODES,
    SHOW_PARTITIONS,
    read_partitions,
)

__all__ = ["Finding", "check_file", "check_folders", "check_machine"]

# A script for a POSIX shell; its exit code and what it printed.
Run = Callable[[str], tuple[int, str]]

_ALWAYS: Final = ("awk", "bash", "grep", "mkdir", "ps", "xargs")
_SLURM: Final = ("sbatch", "scancel", "scontrol", "sinfo", "squeue")
# As the jobs look for it: what a login would know is good enough.
_KNOW: Final = (
    '{ command -v "$name" || (. /etc/profile && command -v "$name"); } >/dev/null 2>&1'
)
_WITH_SLURM: Final = (
    "command -v sinfo >/dev/null || [ ! -r /etc/profile ] || "
    ". /etc/profile >/dev/null 2>&1; "
)
# Looks, and makes nothing: the first job makes a folder with all that lead to it.
_LOOK: Final = """at="$place"
while [ ! -e "$at" ] && [ ! -L "$at" ]; do at=$(dirname "$at"); done
[ -d "$at" ] || { echo "$at is no folder"; exit 1; }
[ -w "$at" ] && [ -x "$at" ] || { echo "$(id -un) may not write to $at"; exit 1; }
[ "$at" != "$place" ] || echo there
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        verdict: `ok`, `note` or `WRONG`.
        text: what was found, and what to do where it is wrong.
    """

    verdict: str
    text: str

    def __str__(self) -> str:
        # The machine has a word in it, and this goes to somebody's terminal.
        text = "".join(mark if mark.isprintable() else "?" for mark in self.text)
        return f"  {self.verdict:<6} {text}"


def _ok(text: str) -> Finding:
    return Finding("ok", text)


def _wrong(text: str) -> Finding:
    return Finding("WRONG", text)


def check_file(entry: SystemEntry) -> Iterator[Finding]:
    """Say what a file that could be read stands for."""
    yield _ok(f"the file of the system {entry.name}: {entry.label}")
    if entry.historical:
        yield Finding("note", "historical: a template, which is never deployed")
        return
    yield _ok(f"systems {entry.build_system}, {entry.run_system}")
    apps = entry.apps
    yield _ok(f"apps {apps.build}, {apps.run}, {apps.build_run}, {apps.compare}")
    for queue in entry.queues:
        kind = " (default)" if queue.default else ""
        yield _ok(
            f"queue {queue.name}{kind}: {queue.max_nodes} nodes, "
            f"{queue.max_processors} processors on each, {queue.max_run_time}"
        )


def check_machine(entry: SystemEntry, run: Run) -> Iterator[Finding]:
    """Ask a machine that lets us in for everything that jobs need.

    Args:
        entry: of the machine.
        run: runs a script there.
    """
    yield from check_folders(entry, entry.login.user, run)
    for name in _missing(_ALWAYS, run):
        yield _wrong(f"there is no {name}, which every job needs")
    if "SLURM" in {entry.scheduler, entry.build_scheduler}:
        yield from _check_slurm(entry, run)
    if entry.modules:
        yield _check_modules(run)
    yield from _check_commands(entry, run)


def check_folders(entry: SystemEntry, account: str, run: Run) -> Iterator[Finding]:
    """Look whether the folders of jobs are there, or can be made; make none.

    Args:
        entry: of the machine.
        account: that signs in.
        run: runs a script there, as that account.
    """
    for named in entry.folders.named:
        folder = named.replace("{account}", account)
        code, said = run(f"place={shlex.quote(folder)}\n{_LOOK}")
        if code:
            yield _wrong(f"folder {folder} can't be written to: {_last_line(said)}")
        elif said.strip() == "there":
            yield _ok(f"folder {folder} can be written to")
        else:
            yield _ok(f"folder {folder} is not there yet; the first job makes it")


def _check_slurm(entry: SystemEntry, run: Run) -> Iterator[Finding]:
    missing = _missing(_SLURM, run)
    if missing:
        yield _wrong(
            f"there is no {', '.join(missing)}: not in a shell that nobody sits at, "
            "and not by /etc/profile; is there Slurm?"
        )
        return
    code, nodes = run(_WITH_SLURM + SHOW_NODES)
    if code:
        yield _wrong(f"sinfo says: {_last_line(nodes)}")
        return
    code, said = run(_WITH_SLURM + SHOW_PARTITIONS)
    if code:
        yield _wrong(f"scontrol says: {_last_line(said)}")
        return
    known = read_partitions(nodes, said)
    for queue in entry.queues:
        name = queue.mapped_name or queue.name
        if name not in known:
            yield _wrong(
                f"there is no partition {name} for the queue {queue.name}; "
                f"there are {', '.join(sorted(known)) or 'none'}"
            )
            continue
        yield _ok(f"queue {queue.name} is a partition")
        for difference in known[name].differences(queue):
            yield Finding("note", f"queue {queue.name}: {difference}")


def _check_modules(run: Run) -> Finding:
    code, _ = run("bash -lc 'command -v module'")
    if code:
        return _wrong(
            "modules: true, but a login shell there knows no command module; "
            "say modules: false, or name a startup_script that brings it"
        )
    return _ok("there is a module system")


def _check_commands(entry: SystemEntry, run: Run) -> Iterator[Finding]:
    """Look for the compilers and launchers; modules may bring those that miss."""
    commands = [compiler.command for compiler in entry.compilers]
    programs = {
        shlex.split(command)[0]: command
        for command in (*commands, *filter(None, entry.launchers))
    }
    missing = _missing(programs, run)
    for program, command in programs.items():
        if program not in missing:
            yield _ok(f"{program} is there")
        elif entry.modules:
            yield Finding("note", f"{program} is not there without a module")
        else:
            yield _wrong(
                f"there is no {program}; take '{command}' out of the file, "
                "or have /etc/profile there put it on the PATH"
            )


def _missing(names: Iterable[str], run: Run) -> list[str]:
    names = list(names)
    words = " ".join(map(shlex.quote, names))
    _, said = run(
        f'for name in {words}; do {_KNOW} || printf "%s\\n" "missing=$name"; done'
    )
    found = {line.removeprefix("missing=") for line in said.splitlines()}
    return [name for name in names if name in found]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"
