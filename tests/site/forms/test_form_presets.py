"""Presets, compilers, systems and links: what fills a form in, and says so."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def test_a_preset_fills_in_the_command_and_says_so(form: Any) -> None:
    """The button is pressed while its values stand there; it can be taken back."""
    form.open("compile.html")
    command = form.field("Compiler command")
    preset = form.button("OpenMP")
    expect(form.button("Serial")).to_have_attribute("aria-pressed", "true")

    preset.click()

    expect(command).to_have_value("gcc -O2 -fopenmp")
    expect(preset).to_have_attribute("aria-pressed", "true")
    said = "OpenMP filled in Compiler command: gcc -O2 -fopenmp."
    expect(form.page.get_by_text(said)).to_be_visible()
    form.button("Undo").click()
    expect(command).to_have_value("gcc -O2")
    expect(form.button("Serial")).to_have_attribute("aria-pressed", "true")


def test_a_preset_keeps_what_was_typed_and_says_so(form: Any) -> None:
    """Own words stay, even over a reload, until the person wants them replaced."""
    form.open("compile.html")
    command = form.field("Compiler command")
    command.fill("clang -O3")
    expect(form.page.get_by_label("Compiler", exact=True)).to_have_value("")
    form.page.reload()

    form.button("OpenMP").click()

    expect(command).to_have_value("clang -O3")
    kept = form.page.get_by_text("Kept as you typed it: Compiler command: clang -O3.")
    expect(kept).to_be_visible()
    form.picture("kept")
    form.button("Replace it too").click()
    expect(command).to_have_value("gcc -O2 -fopenmp")
    form.button("Undo").click()
    expect(command).to_have_value("clang -O3")


def test_a_source_in_another_language_gets_its_compiler(form: Any) -> None:
    """The preset's compiler for C++ takes the place of the one for C, and says so."""
    form.open("compile.html")
    form.button("OpenMP").click()

    form.field("Source file").fill("heat.cpp")

    expect(form.field("Compiler command")).to_have_value("g++ -O2 -fopenmp")
    said = "For this source: Compiler command: g++ -O2 -fopenmp."
    expect(form.page.get_by_text(said)).to_be_visible()
    expect(form.button("OpenMP")).to_have_attribute("aria-pressed", "true")


def test_the_list_of_compilers_fills_in_the_command(form: Any) -> None:
    """Every compiler of the system is in a list; another command is an own one."""
    form.open("compile.html")
    compilers = form.field("Compiler")

    compilers.select_option("C, MPI: mpicc -O2")
    expect(form.field("Compiler command")).to_have_value("mpicc -O2")
    expect(form.button("MPI")).to_have_attribute("aria-pressed", "true")
    form.field("Compiler command").fill("clang")

    expect(compilers).to_have_value("")


def test_modules_are_suggested_where_a_system_has_them(
    form: Any, tenant: Any, system: Any, cluster: Any
) -> None:
    """A suggested module is put in and taken out by its button."""
    tenant.systems = [system, cluster]
    form.open("compile.html#source=heat.c&command=gcc")
    expect(form.page.get_by_label("Modules", exact=True)).to_have_count(0)

    form.field("System").select_option("Slurm cluster")
    group = form.page.get_by_role("group", name="Modules of this system")
    for name in ("GCC 13.2", "Open MPI 4.1", "GCC 13.2"):
        group.get_by_role("button", name=name).click()
    expect(form.field("Modules")).to_have_value("openmpi/4.1")
    form.picture("modules")
    form.button("Compile").click()

    form.wait_for_job()
    assert form.sent()["modules"] == ["openmpi/4.1"]


def test_another_system_brings_its_own_and_says_what_changed(
    form: Any, tenant: Any, system: Any, cluster: Any
) -> None:
    """The preset is filled in again as that system has it; typed words stay."""
    tenant.systems = [system, cluster]
    form.open("run.html")
    form.field("Arguments").fill("100")
    form.button("MPI").click()

    form.field("System").select_option("Slurm cluster")

    expect(form.field("Started by")).to_have_value("ibrun -n {ranks}")
    expect(form.field("Ranks")).to_have_value("16")
    expect(form.field("Arguments")).to_have_value("100")
    said = form.page.get_by_text("For Slurm cluster: Started by: ibrun -n …")
    expect(said).to_be_visible()
    expect(said).to_contain_text("Queue: normal")
    expect(form.field("System")).to_be_focused()


def test_a_system_without_presets_has_no_buttons_for_them(
    form: Any, tenant: Any, system: Any
) -> None:
    """Compilers, presets and queues may be missing; the form is there all the same."""
    left_out = {"presets", "compilers", "queues", "launchers"}
    bare = {name: value for name, value in system.items() if name not in left_out}
    tenant.systems = [bare]
    form.open("run.html#binary=heat")

    expect(form.field("Queue")).to_have_value("")
    expect(form.page.get_by_role("group", name="Preset")).to_have_count(0)
    form.send("Run")
    form.site.open("compare.html#serial=heat.c&parallel=heat_omp.c")
    form.send("Compare")
    form.site.open("compile.html#source=heat.c&command=gcc")
    form.send("Compile")

    assert form.sent()["command"] == "gcc"


def test_a_link_with_what_the_system_has_not_is_told(form: Any) -> None:
    """A queue and a system that are gone are named, and nothing is sent in silence."""
    form.open("run.html#binary=heat&system=gone&queue=gone&launcher=srun")

    told = form.page.get_by_text("This machine has not all that was asked for.")
    expect(told).to_contain_text("System: This machine")
    expect(told).to_contain_text("Queue: default")
    expect(told).to_contain_text("Started by: no launcher")


def test_what_a_system_is_called_is_text_whatever_it_contains(
    form: Any, tenant: Any, system: Any
) -> None:
    """Labels, queues and presets that look like markup are shown, not obeyed."""
    hostile = "<img src=x onerror=alert(1)>"
    text = json.dumps(system).replace("OpenMP", hostile).replace("default", hostile)
    tenant.systems = [json.loads(text) | {"label": hostile, "description": hostile}]
    form.open(f"run.html#binary={hostile}")

    form.button(hostile).click()

    expect(form.field("Program")).to_have_value(hostile)
    expect(form.page.get_by_text(f"{hostile} filled in Threads: 4.")).to_be_visible()
    assert form.page.locator("main img").count() == 0


def test_what_was_built_last_is_one_click_away(
    form: Any, tenant: Any, make_job: Any
) -> None:
    """An empty run form offers the programs of the latest compile jobs."""
    job = make_job("7")
    tenant.jobs = {"7": job | {"request": job["request"] | {"command": "mpicc -O2"}}}
    form.open("run.html")

    just = form.page.get_by_role("group", name="Just built")
    just.get_by_role("button", name="heat").click()

    program = "jobs/2026-11-20/compile-local-7/heat"
    expect(form.field("Program")).to_have_value(program)
    expect(form.field("Ranks")).to_have_value("4")
    expect(form.field("Started by")).to_have_value(form.mpirun)
    expect(
        form.page.get_by_text("For this program: Started by: mpirun")
    ).to_be_visible()


def test_compile_then_run_this_program(form: Any, tenant: Any, make_job: Any) -> None:
    """A link from a compile job fills in the program and the preset it was built by."""
    tenant.jobs = {"7": make_job("7")}
    form.open("run.html#binary=jobs/x/heat&system=local&built=gcc%20-O2%20-fopenmp")

    expect(form.field("Program")).to_have_value("jobs/x/heat")
    expect(form.field("Threads")).to_have_value("4")
    expect(form.button("OpenMP")).to_have_attribute("aria-pressed", "true")
    form.button("Run").click()

    form.wait_for_job()
    assert form.sent() == {
        "kind": "run",
        "system": "local",
        "binary": "jobs/x/heat",
        "args": "",
        "files": [],
        "launcher": "",
        "ranks": 1,
        "threads": 4,
        "nodes": 1,
        "queue": "default",
        "run_time": "00:10:00",
    }
