"""The wrapper script of the build app, filled as Agave fills it and run by bash."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAM = "#include <stdio.h>\nint main(void) { puts(NAME); return 0; }\n"
EMPTY = {"args": "", "modules": "", "supplementalFiles": ""}

pytestmark = pytest.mark.needs("gcc")


@pytest.fixture(name="values")
def _values(job_folder: Path) -> dict[str, str]:
    (job_folder / "heat.c").write_text(PROGRAM, "utf-8")
    return EMPTY | {
        "command": 'gcc -DNAME=\\"heat\\"',
        "output": "heat",
        "driver": "heat.c",
    }


def test_compile(run_app: Callable[..., Any], values: dict[str, str]) -> None:
    """A good program becomes an executable of the wanted name."""
    ended = run_app("ipt-build", values)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (0, "0\n")
    assert (ended.folder / "heat").stat().st_mode & 0o100


def test_compile_shows_command_line(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """The output begins with the very line that was run."""
    ended = run_app("ipt-build", values | {"args": "-lm"})

    assert ended.out.split() == [
        "gcc",
        '-DNAME=\\"heat\\"',
        "./heat.c",
        "-o",
        "./heat",
        "-lm",
    ]


def test_compile_faulty_program(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """A compiler's refusal is the job's exit code, and its messages are kept."""
    (job_folder / "heat.c").write_text("int main(void) { return x; }\n", "utf-8")

    ended = run_app("ipt-build", values)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (1, "1\n")
    assert "heat.c:1" in ended.err
    assert "The compiler ended with code 1" in ended.err
    assert not (ended.folder / "heat").exists()


def test_compile_calls_back_on_failure(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A tenant that knows the callback macro is told of the failure."""
    ended = run_app(
        "ipt-build",
        values | {"command": "false"},
        macros={"AGAVE_JOB_CALLBACK_FAILURE": "touch called-back"},
    )

    assert ended.code == 1
    assert (ended.folder / "called-back").exists()


def test_compile_unknown_compiler(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A compiler that is not there is named."""
    ended = run_app("ipt-build", values | {"command": "no-such-compiler"})

    assert ended.code == 127
    assert "The compiler 'no-such-compiler' can't be started" in ended.err


def test_compile_without_result(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A compiler that is content but makes nothing fails the job."""
    ended = run_app("ipt-build", values | {"command": "true"})

    assert ended.code == 1
    assert "made no file 'heat'" in ended.err


def test_compile_with_further_files(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """Further sources are compiled; headers and data only lie beside them."""
    (job_folder / "heat.c").write_text(
        '#include "my grid.h"\nint main(void) { return grid(); }\n', "utf-8"
    )
    (job_folder / "my grid.h").write_text("int grid(void);\n", "utf-8")
    (job_folder / "my grid.c").write_text("int grid(void) { return 0; }\n", "utf-8")
    (job_folder / "data").mkdir()

    ended = run_app(
        "ipt-build", values | {"supplementalFiles": "my grid.h my grid.c data"}
    )

    assert ended.code == 0, ended.err
    assert "my\\ grid.c" in ended.out
    assert "grid.h" not in ended.out


def test_compile_missing_further_file(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A further file that was not staged is named."""
    ended = run_app("ipt-build", values | {"supplementalFiles": "grid.c"})

    assert ended.code == 64
    assert "'grid.c' is not in the job's folder" in ended.err


def test_compile_missing_source(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A source that was not staged is named."""
    ended = run_app("ipt-build", values | {"driver": "other.c"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert "'other.c' is not in the job's folder" in ended.err


def test_compile_unusual_source_name(
    run_app: Callable[..., Any], values: dict[str, str], job_folder: Path
) -> None:
    """A source may have a name full of what a shell would act upon."""
    name = "-a $(touch owned) 'b' ä.c"
    (job_folder / "heat.c").rename(job_folder / name)

    ended = run_app("ipt-build", values | {"driver": name})

    assert ended.code == 0, ended.err
    assert not (ended.folder / "owned").exists()


@pytest.mark.parametrize("output", ["", ".", "..", "../heat", "/heat", "a/b"])
def test_compile_output_elsewhere(
    run_app: Callable[..., Any], values: dict[str, str], output: str
) -> None:
    """The output can only be a plain name in the job's folder."""
    ended = run_app("ipt-build", values | {"output": output})

    assert ended.code == 64
    assert "plain file name" in ended.err


@pytest.mark.parametrize("field", ["command", "args"])
def test_compile_unpaired_quotation_mark(
    run_app: Callable[..., Any], values: dict[str, str], field: str
) -> None:
    """A quotation mark without its partner is named as what it is."""
    ended = run_app("ipt-build", values | {field: "gcc -DX='1"})

    assert ended.code == 64
    assert f"The value of '{field}' has a quotation mark" in ended.err


def test_compile_quoted_words(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """Quotation marks keep words together, as in a shell."""
    ended = run_app(
        "ipt-build", values | {"command": "printf '%s|' 'a b' c", "output": "o"}
    )

    assert ended.out.splitlines()[1].startswith("a b|c|./heat.c|-o|./o|")


def test_compile_values_not_given(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A placeholder that nobody filled counts as empty."""
    given = {key: values[key] for key in ("command", "output", "driver")}

    ended = run_app("ipt-build", given)

    assert ended.code == 0, ended.err


def test_compile_no_command(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """A command of nothing but spaces is refused."""
    ended = run_app("ipt-build", values | {"command": "   "})

    assert ended.code == 64
    assert "There is no compile command." in ended.err


def test_compile_modules_without_system(
    run_app: Callable[..., Any], values: dict[str, str]
) -> None:
    """Modules are passed over, and said to be, where there is no module system."""
    ended = run_app("ipt-build", values | {"modules": "gcc/12 openmpi"})

    assert ended.code == 0
    assert "There is no module system here" in ended.err
