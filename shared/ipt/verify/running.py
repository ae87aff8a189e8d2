"""Runs a program in a fresh folder, under limits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ipt.errors import InternalError
from ipt.verify.folders import (
    beginning_of,
    contents_of,
    copy_into,
    remove_folder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Ended", "Limits", "Run", "Runner", "signal_name"]

_MIB = 1024 * 1024
_SUPERVISOR_FILE = str(Path(__file__).with_name("supervisor.py"))
# Isolated, and without what is installed: it starts in a hundredth of a second.
_SUPERVISOR = (sys.executable, "-I", "-S", _SUPERVISOR_FILE)
_PATIENCE = 30
_SIGXFSZ = -25
_SHOWN_ERRORS = 100_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use.

    Attributes:
        seconds: Of wall-clock time.
        output: Bytes of standard output, of each file, and of all files together.
        memory: Bytes of address space, 0 for as much as there is.
    """

    seconds: float = 60.0
    output: int = 16 * _MIB
    memory: int = 8192 * _MIB


class Ended(Enum):
    """How a run came to its end; the value completes "the program …"."""

    EXIT = "ended"
    SIGNAL = "crashed"
    TIME = "did not end in time"
    OUTPUT = "wrote too much"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program.

    Attributes:
        code: Its exit status; for a crash the number of the signal.
        errors: The beginning of what it wrote to standard error.
        files: What it wrote into its folder, by relative path.
    """

    ended: Ended
    code: int
    seconds: float
    output: bytes
    errors: str
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_usable(self) -> bool:
        """Whether it came to an end by itself."""
        return self.ended is Ended.EXIT


class Runner:
    """Runs programs; owns a scratch folder for the time of a `with` statement.

    Attributes:
        scratch: A folder for what is built; it goes with the runner.
    """

    def __init__(
        self, environ: Mapping[str, str], supervisor: Sequence[str] = _SUPERVISOR
    ) -> None:
        """Prepare runs.

        Args:
            environ: The environment of the programs.
            supervisor: The command that runs one of them.
        """
        self._environ = dict(environ)
        self._supervisor = supervisor

    def __enter__(self) -> Self:
        self.scratch = Path(tempfile.mkdtemp(prefix="ipt-verify-"))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def path(self) -> str | None:
        """Where programs are searched."""
        return self._environ.get("PATH")

    def run(
        self,
        program: Path,
        arguments: Sequence[str],
        limits: Limits,
        *,
        stdin: Path | None = None,
        data: Sequence[Path] = (),
        environ: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a program in a fresh folder of its own.

        Args:
            program: The executable file.
            arguments: Its arguments.
            limits: What it may use.
            stdin: Its standard input; empty if None.
            data: Files and folders to copy into its folder beforehand.
            environ: Variables to set besides the user's own.

        Returns:
            The run, with the files that are new or changed.
        """
        place = Path(tempfile.mkdtemp(prefix="run-", dir=self.scratch))
        folder = place / "work"
        folder.mkdir()
        try:
            copy_into(data, folder)
            before = contents_of(folder, limits.output)
            result = self._supervise(
                program,
                ["program", *arguments],
                folder,
                limits,
                stdin=stdin,
                environ=environ or {},
                total=2 * limits.output,
            )
            after = contents_of(folder, limits.output)
            written = {
                name: content
                for name, content in after.items()
                if before.get(name) != content
            }
            return _run_of(result, place, limits, written)
        finally:
            remove_folder(place)

    def compile(self, compiler: Path, arguments: Sequence[str], limits: Limits) -> Run:
        """Run a compiler in the current folder, as the user would."""
        place = Path(tempfile.mkdtemp(prefix="build-", dir=self.scratch))
        try:
            result = self._supervise(
                compiler,
                [str(compiler), *arguments],
                Path.cwd(),
                limits,
                environ={"TMPDIR": str(place), "LC_ALL": "C.UTF-8"},
            )
            return _run_of(result, place, limits, {})
        finally:
            remove_folder(place)

    def _supervise(
        self,
        program: Path,
        arguments: Sequence[str],
        folder: Path,
        limits: Limits,
        *,
        environ: Mapping[str, str],
        stdin: Path | None = None,
        total: int = 0,
    ) -> dict[str, object]:
        place = Path(environ.get("TMPDIR", folder.parent))
        order = {
            "path": str(program),
            "arguments": list(arguments),
            "folder": str(folder),
            "input": str(stdin.resolve()) if stdin else os.devnull,
            "output": str(place / "output"),
            "errors": str(place / "errors"),
            "seconds": limits.seconds,
            "bytes": limits.output,
            "memory": limits.memory,
            "total": total,
        }
        supervisor = subprocess.Popen(
            [*self._supervisor, json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**self._environ, **environ},
            # Ctrl-C reaches us alone; the supervisor then sees its input end.
            start_new_session=True,
        )
        assert supervisor.stdin is not None  # noqa: S101 - it is a pipe
        assert supervisor.stdout is not None  # noqa: S101 - it is a pipe
        try:
            said = supervisor.stdout.read()
        finally:
            supervisor.stdin.close()
            supervisor.stdout.close()
            _wait(supervisor)
        try:
            found = json.loads(said)
        except ValueError as error:
            raise InternalError("The supervisor of a run gave no result.") from error
        return dict(found)


def signal_name(number: int) -> str:
    """Return the name of a signal, such as `SIGSEGV`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _wait(supervisor: subprocess.Popen[bytes]) -> None:
    try:
        supervisor.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


def _run_of(
    result: Mapping[str, object],
    place: Path,
    limits: Limits,
    files: Mapping[str, bytes],
) -> Run:
    output = beginning_of(place / "output", limits.output)
    errors = beginning_of(place / "errors", _SHOWN_ERRORS).decode("utf-8", "replace")
    code = int(str(result["code"]))
    ended = Ended.EXIT
    if result["ended"] == "files" or code == _SIGXFSZ or len(output) >= limits.output:
        ended = Ended.OUTPUT
    elif result["ended"] != "exit":
        ended = Ended.TIME
    elif code < 0:
        ended, code = Ended.SIGNAL, -code
    return Run(ended, code, float(str(result["seconds"])), output, errors, files)
