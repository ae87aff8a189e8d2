"""What is possible and yet seldom meant: warnings for the person before submitting.

A warning never keeps a job from being submitted; what can't work is refused in
`request`.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from .kinds import BuildRunJob, CompareJob, CompileJob, JobRequest, RunJob

__all__ = ["Doubt", "find_warnings"]

_MPI_COMPILERS: Final = frozenset(
    {
        *("mpicc", "mpicxx", "mpic++", "mpiCC", "mpigcc", "mpigxx"),
        *("mpiicc", "mpiicpc", "mpiicx", "mpiicpx", "mpiclang", "mpiclang++"),
        *("mpixlc", "mpixlC", "mpinvcc", "mpipcc"),
    }
)
_MPI_LAUNCHERS: Final = frozenset(
    {"mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prterun", "ibrun", "aprun"}
)
# What switches OpenMP on: gcc and clang, Intel, PGI and NVIDIA, IBM.
_OPENMP: Final = re.compile(r"-(?:f|q|fi)?openmp(?:=.*)?|-mp(?:=.*)?|-qsmp(?:=.*)?")
_THREADS: Final = frozenset({"-pthread", "-lpthread", "-ltbb"})
_C_PLUS_PLUS: Final = frozenset({".cc", ".cpp", ".cxx", ".c++", ".C"})
_C_COMPILERS: Final = frozenset({"gcc", "clang", "icc", "icx", "mpicc", "cc"})
_CUDA: Final = frozenset({"nvcc", "nvc++", "clang++", "clang"})


@dataclass(frozen=True)
class Doubt:
    """Something about one field that is probably not meant."""

    field: str
    message: str


@dataclass(frozen=True)
class _Build:
    """One compilation: its command with all its words, and the field they are in."""

    field: str
    words: list[str]
    source: str

    @property
    def compiler(self) -> str:
        return _program(self.words)

    @property
    def is_mpi(self) -> bool:
        # An MPI library linked by hand is as good as its compiler.
        return self.compiler in _MPI_COMPILERS or "-lmpi" in self.words

    @property
    def has_threads(self) -> bool:
        # nvcc hands an option on in one word with others: -Xcompiler=-fopenmp,-O2.
        words = [part for word in self.words for part in re.split("[,=]", word)]
        return any(word in _THREADS or _OPENMP.fullmatch(word) for word in words)


def find_warnings(job: JobRequest) -> list[Doubt]:
    """Return what a person should look at before a job is submitted."""
    return [*_of_builds(job), *_of_launch(job), *_of_threads(job), *_of_compare(job)]


def _builds(job: JobRequest) -> list[_Build]:
    match job:
        case CompileJob():
            return [_build("command", f"{job.command} {job.args}", job.source.name)]
        case BuildRunJob():
            words = f"{job.compile} {job.compile_args}"
            return [_build("compile", words, job.source.name)]
        case CompareJob():
            found = [
                _build("serial_compile", job.serial_compile, job.serial.name),
                _build("parallel_compile", job.parallel_compile, job.parallel.name),
            ]
            return [build for build in found if build.words]
        case RunJob():
            return []


def _build(field: str, line: str, source: str) -> _Build:
    return _Build(field, shlex.split(line), source)


def _program(words: list[str]) -> str:
    return PurePosixPath(words[0]).name if words else ""


def _parallel_build(job: JobRequest) -> _Build | None:
    """Return how the program was built that a job starts with ranks or threads."""
    if isinstance(job, CompileJob):
        return None
    builds = [build for build in _builds(job) if build.field != "serial_compile"]
    return builds[0] if builds else None


def _of_builds(job: JobRequest) -> Iterator[Doubt]:
    known = {_program(each.command.split()) for each in job.system.compilers}
    for build in _builds(job):
        suffix = PurePosixPath(build.source).suffix
        if suffix in _C_PLUS_PLUS and build.compiler in _C_COMPILERS:
            yield Doubt(
                build.field,
                f"{build.source} is C++, and {build.compiler} is a compiler for C: it "
                "links no C++ library.",
            )
        elif suffix == ".cu" and build.compiler not in _CUDA:
            yield Doubt(build.field, f"{build.source} is CUDA, which nvcc compiles.")
        elif known and not job.modules and build.compiler not in known:
            yield Doubt(
                build.field,
                f"{job.system.label} does not list the compiler {build.compiler}; it "
                f"lists {', '.join(sorted(known))}.",
            )


def _of_launch(job: JobRequest) -> Iterator[Doubt]:
    if isinstance(job, CompileJob):
        return
    build = _parallel_build(job)
    launcher = _program(job.launcher.split())
    if build and launcher in _MPI_LAUNCHERS and not build.is_mpi:
        yield Doubt(
            build.field,
            f"{launcher} starts ranks of an MPI program, and {build.compiler} is no "
            "MPI compiler such as mpicc: each rank would do all of the work.",
        )
    if build and build.is_mpi and not job.launcher:
        yield Doubt(
            "launcher",
            f"{build.compiler} makes an MPI program, which runs as a single rank "
            "without a launcher.",
        )


def _of_threads(job: JobRequest) -> Iterator[Doubt]:
    build = _parallel_build(job)
    if isinstance(job, CompileJob) or build is None or job.sizes.threads == 1:
        return
    if not build.has_threads:
        yield Doubt(
            build.field,
            f"{job.sizes.threads} threads are asked for, and {build.field} has no "
            "-fopenmp: without it OpenMP's directives do nothing.",
        )


def _of_compare(job: JobRequest) -> Iterator[Doubt]:
    if isinstance(job, CompareJob) and max(job.counts) == 1:
        unit = "rank" if job.launcher else "thread"
        yield Doubt("counts", f"With one {unit} alone there is no speed-up to see.")
