"""The job script, run for real: it starts a program once, as it is meant."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.order import Exit, read_exit
from agave_local.services.jobs.schedulers.job_script import to_script
from agave_local.services.jobs.schedulers.testing import make_run

HOSTILE = "$(touch pwned) `id` ' \" \\ ; & | * é\t\n#{}"


def test_program_runs_in_its_folder(scripts: Any, tmp_path: Path) -> None:
    """A program runs in its work folder, with its output in files and its exit code."""
    program = 'pwd; echo "[$(cat)]"; echo oops >&2; exit 3'
    run = make_run(tmp_path, program)

    assert scripts.run(run) == Exit("exited", 3)
    assert scripts.out(run) == f"{run.work}\n[]\n"
    assert scripts.out(run, "err") == "oops\n"
    assert Path(run.events, "job-1.started").exists()


def test_hostile_values(scripts: Any, tmp_path: Path) -> None:
    """Nothing in a path, an argument or a variable is read as a command."""
    run = make_run(
        tmp_path / HOSTILE,
        "",
        argv=("/bin/bash", "-c", 'printf "%s\\0" "$@" "$NAME" "$OUTER"', "x", HOSTILE),
        slug="a b'\"$x",
        env={"NAME": HOSTILE, "control": "/", "code": "7", "startup": "/etc/profile"},
    )

    assert scripts.run(run) == Exit("exited", 0)
    assert scripts.out(run).split("\0") == [HOSTILE, HOSTILE, "yes", ""]
    assert not [path for path in tmp_path.rglob("*") if path.name == "pwned"]


@pytest.mark.parametrize("program", ["./plain", "./missing", ".", "no-such-command"])
def test_program_that_cannot_start(scripts: Any, tmp_path: Path, program: str) -> None:
    """A program that is not there or not executable is told from one that fails."""
    run = make_run(tmp_path, "", argv=(program, "x"))
    Path(run.work, "plain").write_text("echo hello", encoding="utf-8")

    assert scripts.run(run) == Exit("start", 127)
    expected = f"The program {program} is not there, or is not executable.\n"
    assert scripts.out(run, "err") == expected


def test_program_without_its_interpreter(scripts: Any, tmp_path: Path) -> None:
    """A program whose interpreter is missing fails, and its owner is told."""
    run = make_run(tmp_path, "", argv=("./script",))
    script = Path(run.work, "script")
    script.write_text("#!/no/such/thing\n", encoding="utf-8")
    script.chmod(0o755)

    assert scripts.run(run) == Exit("exited", 127)
    assert "/script: " in scripts.out(run, "err")


def test_missing_work_folder(scripts: Any, tmp_path: Path) -> None:
    """A run without its work folder is one that could not be started."""
    run = make_run(tmp_path, "true")
    Path(run.work).rmdir()
    scripts.start(run).wait(30)

    assert read_exit(Path(run.control)) == Exit("start", 126)


@pytest.mark.parametrize("in_the_way", ["file", "link"])
def test_output_in_the_way(scripts: Any, tmp_path: Path, in_the_way: str) -> None:
    """A program is not started where its output would go into another file."""
    run = make_run(tmp_path, "echo hello")
    target = tmp_path / "precious"
    target.write_text("precious", encoding="utf-8")
    path = Path(run.work, "out put.err")
    if in_the_way == "link":
        path.symlink_to(target)
    else:
        path.write_text("precious", encoding="utf-8")

    assert scripts.run(run) == Exit("start", 126)
    assert path.read_text("utf-8") == target.read_text("utf-8") == "precious"


def test_number_is_kept(scripts: Any, tmp_path: Path) -> None:
    """The script keeps its own number, so that one who was killed may find it."""
    run = make_run(tmp_path, "true")
    scripts.run(run)

    number = Path(run.control, "number").read_text("utf-8").strip()
    assert re.fullmatch(r"\d+:[0-9a-f-]+:\d+", number)


def test_number_without_proc(scripts: Any, tmp_path: Path) -> None:
    """Where there is no /proc, ps tells when the script began."""
    run = make_run(tmp_path, "sleep 100 & exit 0")

    assert scripts.run(run, proc="/nowhere") == Exit("exited", 0)
    number = Path(run.control, "number").read_text("utf-8").strip()
    assert re.fullmatch(r"\d+::[A-Z][a-z]{2}_[A-Z][a-z]{2}_\d+_[\d:]{8}_\d{4}", number)


def test_startup_script(scripts: Any, tmp_path: Path) -> None:
    """What the system's startup script sets and defines reaches the program."""
    startup = tmp_path / "it's start up"
    text = 'echo noise; export FOUND="$GIVEN!"; control=x; module() { echo loaded; }'
    startup.write_text(f"{text}; export -f module; set -- a b; false", "utf-8")
    run = make_run(
        tmp_path, "module; echo $FOUND", env={"GIVEN": "1"}, startup=str(startup)
    )

    assert scripts.run(run) == Exit("exited", 0)
    assert scripts.out(run) == "loaded\n1!\n"


def test_startup_script_that_ends(scripts: Any, tmp_path: Path) -> None:
    """A startup script that ends the shell keeps the program from being started."""
    startup = tmp_path / "startup"
    startup.write_text("exit 9", encoding="utf-8")
    run = make_run(tmp_path, "echo hello", startup=str(startup))

    assert scripts.run(run) == Exit("start", 9)
    assert scripts.out(run) == ""


def test_startup_script_in_home(scripts: Any, tmp_path: Path) -> None:
    """A relative startup script is looked for at home; one that is missing is none."""
    run = make_run(tmp_path, "true", startup="./no such 'thing")

    assert scripts.run(run) == Exit("exited", 0)
    assert 'startup="${HOME-}"/\'./no such' in to_script(run)


def test_filter_file(scripts: Any, tmp_path: Path) -> None:
    """The filter is open as descriptor 9, as the sandbox wants it."""
    filter_file = tmp_path / "filter"
    filter_file.write_text("rules", encoding="utf-8")
    run = make_run(tmp_path, "cat <&9", filter_file=str(filter_file))

    assert scripts.run(run) == Exit("exited", 0)
    assert scripts.out(run) == "rules"


@pytest.mark.needs("shellcheck")
def test_script_is_clean(tmp_path: Path) -> None:
    """A script with all that can be in it is what shellcheck wants."""
    run = make_run(
        tmp_path, HOSTILE, env={"NAME": HOSTILE}, startup="./rc", memory_mib=3
    )
    script = tmp_path / "job.sh"
    script.write_text(to_script(run, directives=["--mem=3M"]), encoding="utf-8")
    done = subprocess.run(
        # A value is not meant to be expanded (SC2016) or to be a sum (SC2100).
        ["shellcheck", "--exclude=SC2016,SC2100", str(script)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == ""
    assert "\n#SBATCH --mem=3M\n" in script.read_text("utf-8")


@pytest.mark.parametrize(
    "more", [{"env": {"A B": ""}}, {"env": {"": ""}}, {"argv": ("a\0b",)}]
)
def test_values_that_no_script_holds(tmp_path: Path, more: dict[str, Any]) -> None:
    """A name that is none, and a byte of value 0, are refused."""
    run = make_run(tmp_path, "true", **more)

    with pytest.raises(ValueError, match=r"no name of a variable|byte of value 0"):
        to_script(run)
