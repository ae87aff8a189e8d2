"""Compile, run and compare on a Slurm cluster, as a person does it at the page."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.needs("chromium", "bubblewrap", "gcc", "openmpi", "slurm", "sshd"),
    pytest.mark.timeout(240),
]


@pytest.fixture(name="closed_cluster")
def _closed_cluster(cluster: Any) -> Iterator[Any]:
    """Return a cluster whose node takes no job until the test lets it."""
    cluster.slurm.drain()
    yield cluster
    # A test that went well has done so; nodes that take jobs are not resumed.
    with suppress(subprocess.CalledProcessError):
        cluster.slurm.resume()


def test_an_mpi_program_is_compiled_and_run(ada: Any, cluster: Any) -> None:
    """From the upload over Compile and Run to the output of two ranks."""
    ada.upload(cluster.programs / "pi_mpi.c")
    ada.look("01-files")
    ada.go("Compile")
    ada.choose("System", "The test's cluster")
    ada.press("MPI")
    ada.fill("Source file", "pi_mpi.c")
    ada.fill("Output file", "pi")
    expect(ada.page.get_by_label("Compiler command")).to_have_value("mpicc -O2")
    expect(ada.region("Preview")).to_contain_text("mpicc -O2 ./pi_mpi.c -o ./pi")
    ada.look("02-compile")
    ada.press("Compile")
    ada.wait_for("FINISHED")
    ada.look("03-compiled")

    ada.follow("Run this program")
    expect(ada.page.get_by_label("Ranks")).to_have_value("2")
    expect(ada.page.get_by_label("System")).to_have_value("cluster")
    ada.fill("Arguments", "'two words' größer")
    expect(ada.region("Preview")).to_contain_text("mpirun --oversubscribe -np 2 ./pi")
    ada.look("04-run")
    ada.press("Run")
    ada.wait_for("FINISHED")

    output = ada.region("Standard output")
    expect(output).to_contain_text("pi is 3.141592654, found by 2 ranks")
    expect(output).to_contain_text("told: two words\ntold: größer")
    ada.see(re.compile(r"^Its number there is \d+$"))
    ada.look("05-ran")


def test_it_is_compiled_and_run_in_one_go(
    ada: Any, closed_cluster: Any, tmp_path: Path
) -> None:
    """One job does both; while it waits the page has the scheduler's own words."""
    program = shutil.copy(closed_cluster.programs / "pi_mpi.c", tmp_path / "pi_again.c")
    ada.upload(program)
    ada.go("Compile")
    ada.page.get_by_label("Compile, then run it").check()
    ada.choose("System", "The test's cluster")
    ada.press("MPI")
    ada.fill("Source file", "pi_again.c")
    ada.fill("Output file", "pi")
    preview = ada.region("Preview")
    expect(preview).to_contain_text("mpicc -O2 ./pi_again.c -o ./pi")
    expect(preview).to_contain_text("mpirun --oversubscribe -np 2 ./pi")
    ada.look("06-compile-and-run")
    ada.press("Compile and run")
    ada.wait_for("QUEUED")
    ada.see("Nodes that it needs are not available for now.")
    ada.look("07-queued")

    closed_cluster.slurm.resume()

    ada.wait_for("FINISHED")
    output = ada.region("Standard output")
    expect(output).to_contain_text("pi is 3.141592654, found by 2 ranks")
    ada.look("08-compiled-and-ran")
    ada.go("History")
    row = ada.page.get_by_role("row").filter(has_text="The test's cluster")
    expect(row.first).to_contain_text("FINISHED")
    ada.look("09-history")


def test_before_and_after(ada: Any, cluster: Any, tmp_path: Path) -> None:
    """What ipt made of a serial program is as right as that, and has its speed-up."""
    shutil.copy(cluster.programs / "zeta.c", tmp_path)
    ipt = [sys.executable, "-m", "ipt", "parallelize", "zeta.c", "--yes"]
    subprocess.run(ipt, cwd=tmp_path, check=True, capture_output=True)
    ada.upload(tmp_path / "zeta.c", tmp_path / "zeta_omp.c")
    ada.go("Compare")
    ada.choose("System", "The test's cluster")
    ada.press("OpenMP")
    ada.fill("Serial program", "zeta.c")
    ada.fill("Parallel program", "zeta_omp.c")
    ada.fill("Threads or ranks to try", "1 2")
    expect(ada.region("Preview")).to_contain_text("zeta_omp.c")
    ada.look("10-compare")
    ada.press("Compare")
    ada.wait_for("FINISHED")

    row = ada.page.get_by_role("row").filter(has_text="2 threads")
    expect(row).to_contain_text("yes")
    chart = ada.page.get_by_role("img", name="Speed-up over threads")
    expect(chart).to_be_visible()
    ada.see("All outputs are the same within the tolerance.")
    ada.look("11-compared")


def test_a_running_job_is_cancelled(ada: Any, cluster: Any) -> None:
    """What it printed before is kept, and the cluster is rid of it."""
    ada.upload(cluster.programs / "ticks.c")
    ada.go("Compile")
    ada.page.get_by_label("Compile, then run it").check()
    ada.choose("System", "The test's cluster")
    ada.press("Serial")
    ada.fill("Source file", "ticks.c")
    ada.press("Compile and run")
    ada.wait_for("RUNNING")
    output = ada.region("Standard output")
    expect(output).to_contain_text("tick 3")
    assert "ipt-" in cluster.jobs()
    ada.look("12-running")

    ada.press("Cancel")
    ada.look("13-cancel")
    ada.press("Cancel the job")

    ada.wait_for("STOPPED")
    expect(output).to_contain_text("tick 3")
    ada.look("14-cancelled")
    cluster.wait_for_nothing()


def test_a_compile_error_opens_in_the_editor(ada: Any, cluster: Any) -> None:
    """The compiler's complaint leads to its line; mended there, it compiles."""
    ada.upload(cluster.programs / "faulty.c")
    ada.go("Compile")
    ada.page.get_by_label("Compile only").check()
    ada.choose("System", "The test's cluster")
    ada.press("Serial")
    ada.fill("Source file", "faulty.c")
    ada.fill("Compiler command", "gcc -Wall")
    ada.press("Compile")
    ada.wait_for("FAILED")
    ada.see("Compiler: 1 error, 1 warning")
    ada.look("15-compile-error")

    ada.follow("faulty.c:5")

    line = ada.page.locator(".cm-activeLine")
    expect(line).to_contain_text('printf("the answer is %d\\n", answer);')
    ada.look("16-editor")
    line.get_by_text("answer", exact=True).dblclick()
    ada.page.keyboard.type("42")
    ada.press("Save")
    ada.see("Everything is saved.")
    ada.follow("Compile again")
    expect(ada.page.get_by_label("Compiler command")).to_have_value("gcc -Wall")
    ada.press("Compile")
    ada.wait_for("FINISHED")
    ada.see("Compiler: 1 warning")
    ada.look("17-mended")
