"""Programs and sources that are no good, and how the wrappers say so."""

from typing import Any

import pytest

EMPTY_ELF = b"\x7fELF\x02\x01\x01" + bytes(100)
FAULTY = {
    "segmentation": ("int *p = 0; *p = 1;", 139, "segmentation fault"),
    "exit": ("return 3;", 3, "The program ended with code 3."),
    "abort": ("__builtin_abort();", 134, "gave up by itself"),
    "division": ("volatile int z = 0; return 7 / z;", 136, "arithmetic fault"),
    "illegal": ("__builtin_trap();", 132, "does not know"),
}


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("name", FAULTY)
def test_faulty_program(run_app: Any, bench: Any, name: str) -> None:
    """A real program's end is the job's, in a sentence."""
    body, code, sentence = FAULTY[name]
    bench.put("heat.c", f"int main(void) {{ {body} return 0; }}\n")
    values = {"compileCommand": "gcc -w", "output": "heat", "driver": "heat.c"}

    ended = run_app("ipt-build-run", values)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (code, f"{code}\n")
    assert ended.err.count("\n") == 1, "bash adds nothing of its own"
    assert sentence in ended.err


def test_endless_output(run_app: Any, bench: Any) -> None:
    """A program that fills its output to the limit ends, and the reason is told."""
    bench.put("heat", "#!/bin/sh\nexec yes\n")

    ended = run_app("ipt-run", {"binary": "heat"}, file_kilobytes=64)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (153, "153\n")
    assert "wrote a file that is larger than allowed" in ended.err
    assert len(ended.out) == 64 << 10


def test_endless_errors(run_app: Any, bench: Any) -> None:
    """The exit code is noted even where there is no place for the sentence."""
    bench.put("heat", "#!/bin/sh\nexec yes >&2\n")

    ended = run_app("ipt-run", {"binary": "heat"}, file_kilobytes=64)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (153, "153\n")


def test_not_executable(run_app: Any, bench: Any) -> None:
    """A program that lost its right to be executed on the way gets it back."""
    bench.put("heat", "#!/bin/sh\necho here\n")
    (bench.folder / "heat").chmod(0o600)

    assert run_app("ipt-run", {"binary": "heat"}).out == "here\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"touch owned\n",
        b"\0\1\2",
        b"int main() { return `touch owned`; }",
        b"\xff",
    ],
)
@pytest.mark.parametrize("app", ["ipt-run", "ipt-compare"])
def test_no_program(run_app: Any, bench: Any, app: str, content: bytes) -> None:
    """What is neither a binary nor a script with `#!` is not run by a shell."""
    (bench.folder / "heat").write_bytes(content)

    ended = run_app(app, {"binary": "heat", "serial": "heat", "counts": "1"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (126, "126\n")
    assert "'heat' is not a program" in ended.err
    assert not (ended.folder / "owned").exists()


@pytest.mark.parametrize(
    ("content", "code"), [(EMPTY_ELF, 126), (b"#!/no/such/shell\n", 127)]
)
def test_program_of_another_machine(
    run_app: Any, bench: Any, content: bytes, code: int
) -> None:
    """A binary or a script that this machine can't start is named."""
    (bench.folder / "heat").write_bytes(content)

    ended = run_app("ipt-run", {"binary": "heat"})

    assert ended.code in {126, code}
    assert "The command './heat' can't be started on this system" in ended.err


def test_folder_as_program(run_app: Any, bench: Any) -> None:
    """A folder can't be run."""
    (bench.folder / "heat").mkdir()

    ended = run_app("ipt-run", {"binary": "heat"})

    assert ended.code == 64
    assert "The program 'heat' is a folder, not a file." in ended.err


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("heat.c", "has the name of an input"),
        ("grid.h", "has the name of an input"),
        ("job.out", "as the job has a file of that name"),
        ("job.err", "as the job has a file of that name"),
        ("job.ipcexe", "as the job has a file of that name"),
        ("ipt-lib.sh", "as the job has a file of that name"),
        ("IPT_TIME", "as the job has a file of that name"),
        ("sub", "has the name of a folder"),
        ("ä" * 128, "is longer than 255 bytes"),
    ],
)
@pytest.mark.parametrize("app", ["ipt-build", "ipt-build-run"])
def test_output_in_the_way(
    run_app: Any, bench: Any, app: str, output: str, sentence: str
) -> None:
    """The output can't replace what is there."""
    bench.put("heat.c", "int x;")
    bench.put("grid.h", "")
    (bench.folder / "sub").mkdir()
    values = {"driver": "heat.c", "supplementalFiles": "grid.h", "output": output}

    ended = run_app(app, values | {"command": "true", "compileCommand": "true"})

    assert ended.code == 64
    assert sentence in ended.err
    assert (bench.folder / "heat.c").read_text() == "int x;"


def test_output_of_an_earlier_try(run_app: Any, bench: Any) -> None:
    """A program that was left there does not pass for a new one."""
    bench.put("heat.c", "")
    bench.put("heat", "old")

    ended = run_app(
        "ipt-build", {"driver": "heat.c", "output": "heat", "command": "true"}
    )

    assert (ended.code, ended.file("heat")) == (1, None)
    assert "made no file 'heat'" in ended.err


@pytest.mark.parametrize(("signal", "code"), [("SEGV", 139), ("KILL", 137)])
def test_compiler_that_is_killed(
    run_app: Any, bench: Any, signal: str, code: int
) -> None:
    """A compiler that a signal ends is not said to have found a fault."""
    bench.put("heat.c", "")
    command = f"sh -c 'kill -{signal} $$'"

    ended = run_app(
        "ipt-build", {"driver": "heat.c", "output": "heat", "command": command}
    )

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (code, f"{code}\n")
    assert "The compiler " in ended.err
    assert "its messages are above" not in ended.err
