"""Slurm's commands as sites have them, played by small scripts."""

from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.schedulers.base import (
    Run,
    SchedulerRefused,
    Sight,
    State,
)
from agave_local.services.jobs.schedulers.slurm import Slurm, to_directives
from agave_local.services.jobs.schedulers.testing import make_run
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.shells.local import LocalShell

FORGOTTEN = "The scheduler does not know the job any more."


class Site:
    """A machine with commands of Slurm that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commands = folder / "commands"
        self.commands.mkdir()
        self.shell = LocalShell({"PATH": f"{self.commands}:/usr/bin:/bin"})
        self.slurm = Slurm()
        for name in ("sbatch", "squeue", "scontrol", "sacct", "scancel"):
            self.play(name, "exit 0")

    def play(self, name: str, text: str) -> None:
        """Write a command."""
        command = self.commands / name
        command.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        command.chmod(0o755)

    def run(self, **more: Any) -> Run:
        """Return a run."""
        return make_run(self.folder, "true", **more)


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_number_among_words(site: Site) -> None:
    """A site's own words around the number, and its cluster's name, do no harm."""
    site.play("sbatch", "echo 2024 is a good year; echo '4711;north'; echo welcome")

    assert site.slurm.submit(site.shell, site.run()) == "4711"


def test_no_number(site: Site) -> None:
    """A success without a number is looked at again later."""
    site.play("sbatch", "echo welcome")

    with pytest.raises(SchedulerRefused, match="did not say whether") as caught:
        site.slurm.submit(site.shell, site.run())
    assert caught.value.may_pass


def test_submission_that_was_broken_off(site: Site) -> None:
    """After a broken try the scheduler is asked before it gets the job again."""
    run = site.run()
    site.play("sbatch", "echo 'error: Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(SchedulerRefused) as caught:
        site.slurm.submit(site.shell, run)
    assert caught.value.may_pass
    site.play("sbatch", "echo 9")
    site.play("squeue", 'case "$*" in *--name=ipt-job-1*) echo 8; esac')

    assert site.slurm.submit(site.shell, run) == "8"
    assert Path(run.control, "number").read_text("utf-8") == "8\n"


def test_silence_after_a_submission_that_was_broken_off(site: Site) -> None:
    """A job is not given twice where nobody can say whether it is there."""
    run = site.run()
    Path(run.control, "tried").touch()
    site.play("sbatch", "echo 9")
    site.play("squeue", "echo 'error: Socket timed out' >&2; exit 1")

    with pytest.raises(SchedulerRefused, match="does not answer") as caught:
        site.slurm.submit(site.shell, run)
    assert caught.value.may_pass


def test_options(site: Site) -> None:
    """The scheduler is told what the run wants, in one way that all versions know."""
    site.play("sbatch", f'for a; do echo "$a"; done >{site.folder}/options; echo 5')
    run = site.run(
        queue="long queue",
        nodes=2,
        processors=3,
        memory_mib=512,
        seconds=61,
        directives=("#SBATCH --gres=gpu:1\n-A project", "--qos", "high"),
    )
    site.slurm.submit(site.shell, run)

    assert (site.folder / "options").read_text("utf-8").splitlines() == [
        "--parsable",
        "--job-name=ipt-job-1",
        "--partition=long queue",
        f"--chdir={run.work}",
        f"--output={run.control}/job.log",
        "--input=/dev/null",
        "--no-requeue",
        "--export=ALL",
        f"{run.control}/job.sh",
    ]
    script = Path(run.control, "job.sh").read_text("utf-8")
    assert [line for line in script.splitlines() if line.startswith("#SBATCH")] == [
        "#SBATCH --nodes=2",
        "#SBATCH --ntasks=6",
        "#SBATCH --ntasks-per-node=3",
        "#SBATCH --time=2",
        "#SBATCH --mem=512M",
        "#SBATCH --gres=gpu:1",
        "#SBATCH -A project",
        "#SBATCH --qos high",
    ]


def test_path_with_a_pattern(site: Site) -> None:
    """What Slurm would replace in a path stays as it is."""
    site.play("sbatch", f'echo "$*" >{site.folder}/options; echo 5')
    run = make_run(site.folder / "100%j", "true")
    site.slurm.submit(site.shell, run)

    options = (site.folder / "options").read_text("utf-8")
    assert "/100%%j/.jobs/job-1/job.log" in options


@pytest.mark.parametrize("directive", ["rm -rf /", "x", "\nwrap"])
def test_directive_that_is_none(directive: str) -> None:
    """A directive that is no option is the operator's business."""
    run = Run("j", "/w", "/c", "/e", ("x",), "x", queue="q", directives=(directive,))

    with pytest.raises(SchedulerRefused, match="directive that is no option"):
        to_directives(run)


def test_clean_environment(site: Site) -> None:
    """The program gets nothing of whoever submits it."""
    site.play("sbatch", f"env >{site.folder}/environment; echo 5")
    environment = {"PATH": f"{site.commands}:/usr/bin:/bin", "SLURM_CONF": "/a b"}
    shell = LocalShell({**environment, "SBATCH_PARTITION": "x", "SECRET": "y"})
    site.slurm.submit(shell, site.run())

    lines = (site.folder / "environment").read_text("utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines} - {"PWD", "_", "SHLVL"}
    assert names == {
        *("HOME", "LANG", "LOGNAME", "PATH", "SHELL", "SLURM_CONF", "USER"),
    }


def test_look(site: Site) -> None:
    """One squeue tells of all runs, and how many wait before each."""
    lines = [
        "1|long|PENDING|2026-01-02T03:04:05|900|Resources|ipt-a",
        "2|long|PENDING|N/A|800|Priority|somebody's|else",
        "3|long|PENDING|N/A|700|Priority|ipt-b",
        "4|short|PENDING|N/A|600|JobHeldUser|ipt-c",
        "5|long|RUNNING|2026-01-01T00:00:00|500|None|ipt-d",
        "6|long|TIMEOUT|2026-01-01T00:00:00|400|TimeLimit|ipt-e",
        "7|long|NODE_FAIL|2026-01-01T00:00:00|400|None|ipt-f",
        "8|long|COMPLETED|2026-01-01T00:00:00|400|None|another's",
        "9|long|CONFIGURING|N/A|400|None|ipt-g",
    ]
    text = "\n".join(lines)
    site.play("squeue", f"echo x >>{site.folder}/asked; cat <<'END'\n{text}\nEND")
    numbers = [str(number) for number in range(1, 11)]
    sights = site.slurm.look(site.shell, numbers)

    assert sights == {
        "1": Sight(State.WAITING, "It waits for free processors.", 0, 1767323045.0),
        "2": Sight(State.GONE, FORGOTTEN),
        "3": Sight(State.WAITING, "Other jobs come before it.", 2),
        "4": Sight(
            State.WAITING,
            "It is held back by its account; somebody has to release it there.",
            0,
        ),
        "5": Sight(State.RUNNING),
        "6": Sight(State.GONE, "Its run time was over.", exit=Exit("time")),
        "7": Sight(State.GONE, "A node on which it ran has failed.", exit=Exit("lost")),
        "8": Sight(State.GONE, FORGOTTEN),
        "9": Sight(State.WAITING, "Its nodes are being made ready."),
        "10": Sight(State.GONE, FORGOTTEN),
    }
    assert (site.folder / "asked").read_text("utf-8") == "x\n"


def test_look_at_nothing(site: Site) -> None:
    """Without a number of Slurm nobody is asked."""
    site.play("squeue", "exit 1")

    assert site.slurm.look(site.shell, []) == {}
    assert site.slurm.look(site.shell, ["1; id"])["1; id"].state is State.GONE


def test_accounting(site: Site) -> None:
    """What the controller has forgotten, the accounting may know."""
    numbers = [str(number) for number in range(1, 1201)]
    site.play(
        "sacct",
        f'echo "$*" >>{site.folder}/asked\n'
        "echo '3|CANCELLED by 7'; echo '4|RUNNING'; echo '5000|TIMEOUT'; exit 1",
    )
    sights = site.slurm.look(site.shell, numbers)

    assert sights["3"].exit == Exit("ended")
    assert sights["4"] == Sight(State.GONE, FORGOTTEN)
    assert len(sights) == 1200
    assert len((site.folder / "asked").read_text("utf-8").splitlines()) == 3


def test_silent_controller(site: Site) -> None:
    """A controller that does not answer is no reason to think that jobs are gone."""
    site.play("sleep", "exit 1")
    site.play("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    site.play("scancel", "echo 'Unable to contact slurm controller' >&2; exit 1")

    with pytest.raises(HostSilent, match="does not answer"):
        site.slurm.look(site.shell, ["1"])
    with pytest.raises(HostSilent, match="does not answer"):
        site.slurm.cancel(site.shell, site.run(), "1")


def test_cancel(site: Site) -> None:
    """A run is asked through its script, and forced where it takes no notice."""
    # So that the test leaves nobody who waits.
    site.play("sleep", "exit 1")
    site.play("scancel", f'echo "$*" >>{site.folder}/asked')
    run = site.run()
    for _ in range(2):
        site.slurm.cancel(site.shell, run, "7")
    Path(run.control, "asked").write_text("17", encoding="utf-8")
    site.slurm.cancel(site.shell, run, "7")

    asked = (site.folder / "asked").read_text("utf-8").splitlines()
    gentle = [
        "--state=PENDING --jobname=ipt-job-1 7",
        "--batch --signal=TERM --jobname=ipt-job-1 7",
    ]
    assert asked == [*gentle, *gentle, "--jobname=ipt-job-1 7"]


def test_cancel_without_a_number(site: Site) -> None:
    """A run whose number nobody kept is cancelled by its name."""
    site.play("sleep", "exit 1")
    site.play("scancel", f'echo "$*" >>{site.folder}/asked')
    site.slurm.cancel(site.shell, site.run(), "$(id)")

    asked = (site.folder / "asked").read_text("utf-8").splitlines()
    assert asked[0] == "--state=PENDING --jobname=ipt-job-1"


@pytest.mark.parametrize("leads", [True, False])
def test_commands_that_a_profile_knows(tmp_path: Path, leads: bool) -> None:  # noqa: FBT001 - two cases
    """Slurm's commands are looked for where the machine's profile leads to."""
    few = tmp_path / "few"
    few.mkdir()
    for name in ("mkdir", "cat", "mv", "id", "env", "grep", "tail"):
        (few / name).symlink_to(f"/usr/bin/{name}")
    profile = tmp_path / "profile"
    more = tmp_path / "commands" if leads else tmp_path / "nowhere"
    profile.write_text(f"echo welcome; PATH=$PATH:{more}\n", encoding="utf-8")
    site = Site(tmp_path)
    site.play("sbatch", "echo 5")
    shell, slurm = LocalShell({"PATH": str(few)}), Slurm(profile=str(profile))

    if leads:
        assert slurm.submit(shell, site.run()) == "5"
    else:
        with pytest.raises(SchedulerRefused, match="commands are not there"):
            slurm.submit(shell, site.run())
