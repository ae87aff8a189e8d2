"""`--auto` on every case and sample: right, or nothing.

Whatever the dialogue was asked to do in a case, here nobody is asked.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ipt.testing import build, compilers_for, run_program, same_output
from ipt.testing.commands import run_command

CASES = sorted(Path(__file__).with_name("cases").iterdir())
SAMPLES = Path(__file__).parents[2] / "shared" / "ipt" / "samples"
SUFFIXES = (".c", ".cc", ".cpp")
LESSONS = [("collatz.c",), ("rain.c",), ("quicksort.c",), ("eigen.c", "matrix.c")]
COMPILER_OPTIONS = ("-I", "-D", "-std")


def sources_of(case: Path) -> list[Path]:
    """Return the files of the serial program of a case."""
    (before,) = case.glob("before*")
    if before.is_file():
        return [before]
    return sorted(each for each in before.iterdir() if each.suffix in SUFFIXES)


def words_of(case: Path, name: str) -> list[str]:
    """Return the words of a file of a case that may be missing."""
    file = case / name
    return file.read_text().split() if file.exists() else []


def flags_of(case: Path) -> list[str]:
    """Return the compiler options of a case."""
    before = sources_of(case)[0].parent
    given = words_of(case, "options")
    return [
        f"-I{before}",
        *(each for each in given if each.startswith(COMPILER_OPTIONS)),
    ]


def check(sources: list[Path], flags: list[str], case: Path, scratch: Path) -> None:
    """Make a program parallel without asking, and compare what it prints.

    Args:
        sources: Of the serial program.
        flags: Compiler options.
        case: The folder with its arguments and files; may be empty.
        scratch: A folder for what is made.
    """
    target = scratch / "made"
    target.mkdir()
    result = run_command(
        "parallelize", *map(str, sources), "--auto", "-o", str(target), *flags
    )
    assert result.code == 0, result.err
    written = {each.name: each for each in target.iterdir()}
    if not written:
        assert "nothing was written" in " ".join(result.out.split())
        return

    parallel = [written.get(f"{each.stem}_omp{each.suffix}", each) for each in sources]
    gnu, llvm = compilers_for(sources[0])
    folder = scratch / "work"
    folder.mkdir()
    if (case / "files").exists():
        shutil.copytree(case / "files", folder, dirs_exist_ok=True)
    arguments = words_of(case, "arguments")
    serial = build(gnu, sources, scratch / "serial", flags)
    expected = run_program(serial, arguments, folder=folder)
    for compiler, counts in ((gnu, (1, 4)), (llvm, (3,))):
        options = [*flags, "-fopenmp"]
        program = build(compiler, parallel, scratch / compiler, options)
        for threads in counts:
            found = run_program(program, arguments, threads=threads, folder=folder)
            is_same = same_output(
                expected, found, rounded=True, unordered=(case / "unordered").exists()
            )
            assert is_same, f"{compiler}, {threads} threads: {found}"


@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_automatic_version_prints_what_the_serial_one_does(
    case: Path, tmp_path: Path
) -> None:
    """Both compilers take it without a warning about directives."""
    check(sources_of(case), flags_of(case), case, tmp_path)


@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize("names", LESSONS, ids=lambda names: names[0])
def test_automatic_version_of_a_sample_prints_the_same(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    """The samples of the lessons that are neither case nor program."""
    check([SAMPLES / name for name in names], [], tmp_path, tmp_path)


def test_every_sample_is_tested() -> None:
    """Each one is a case, a whole program, or one of the lessons' samples above."""
    programs = {each.name for each in Path(__file__).with_name("programs").iterdir()}
    samples = {each.stem for each in SAMPLES.iterdir() if each.suffix in SUFFIXES}
    lessons = {Path(name).stem for names in LESSONS for name in names}

    assert samples - {each.name for each in CASES} - programs == lessons
