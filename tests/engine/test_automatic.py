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


@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_automatic_version_prints_what_the_serial_one_does(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both compilers take it without a warning about directives."""
    monkeypatch.chdir(tmp_path)
    sources, flags = sources_of(case), flags_of(case)
    result = run_command(
        "parallelize", *map(str, sources), "--auto", "-o", f"{tmp_path}", *flags
    )
    written = {each.name: each for each in tmp_path.iterdir()}
    assert result.code == 0, result.err
    if not written:
        assert "nothing was written" in " ".join(result.out.split())
        return

    parallel = [written.get(f"{each.stem}_omp{each.suffix}", each) for each in sources]
    gnu, llvm = compilers_for(sources[0])
    folder = tmp_path / "work"
    folder.mkdir()
    if (case / "files").exists():
        shutil.copytree(case / "files", folder, dirs_exist_ok=True)
    arguments = words_of(case, "arguments")
    serial = build(gnu, sources, tmp_path / "serial", flags)
    expected = run_program(serial, arguments, folder=folder)
    for compiler, counts in ((gnu, (1, 4)), (llvm, (3,))):
        options = [*flags, "-fopenmp"]
        program = build(compiler, parallel, tmp_path / compiler, options)
        for threads in counts:
            found = run_program(program, arguments, threads=threads, folder=folder)
            is_same = same_output(
                expected, found, rounded=True, unordered=(case / "unordered").exists()
            )
            assert is_same, f"{compiler}, {threads} threads: {found}"


def test_every_sample_is_tested() -> None:
    """What is not a case is one of the whole programs, which are tested likewise."""
    programs = {each.name for each in Path(__file__).with_name("programs").iterdir()}
    samples = {each.stem for each in SAMPLES.iterdir() if each.suffix in SUFFIXES}

    assert samples - {each.name for each in CASES} - programs == set()
