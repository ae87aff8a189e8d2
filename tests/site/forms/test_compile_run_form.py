"""The fields of Compile and Run: kinds, sizes, queues, paths."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")

OPTIONS = "input => [...input.list.options].map((option) => option.value)"


def fill_compile(form: Any) -> None:
    """Fill in the compile form as a person would."""
    form.field("Compiler command").fill("gcc -fopenmp -O2")
    form.field("Source file").fill("heat.c")
    form.field("Output file").fill("heat")


def test_compile_then_run_in_one_job(form: Any) -> None:
    """The choice adds the fields of the run and keeps what was typed."""
    form.open("compile.html")
    fill_compile(form)
    form.field("Arguments").fill("-lm")
    form.field("Additional files").fill("grid.h, input.txt")

    form.field("Compile, then run it").check()

    expect(form.field("Compile, then run it")).to_be_focused()
    expect(form.field("Compiler arguments")).to_have_value("-lm")
    expect(form.field("Compiler command")).to_have_value("gcc -fopenmp -O2")
    form.button("OpenMP").click()
    kept = form.page.get_by_text("Kept as you typed it: Compiler command")
    expect(kept).to_be_visible()
    words = form.page.locator("#size-words")
    expect(words).to_have_text(
        "4 threads: 1 node \N{MULTIPLICATION SIGN} 4 processors."
    )
    form.field("Program arguments").fill("100")
    form.picture("build-run")
    form.button("Compile and run").click()

    form.wait_for_job()
    assert form.sent() == {
        "kind": "build-run",
        "system": "local",
        "source": "heat.c",
        "compile": "gcc -fopenmp -O2",
        "compile_args": "-lm",
        "output": "heat",
        "files": ["grid.h", "input.txt"],
        "args": "100",
        "launcher": "",
        "ranks": 1,
        "threads": 4,
        "nodes": 1,
        "queue": "default",
        "run_time": "00:10:00",
    }


def test_the_choice_of_kind_is_remembered_and_links_set_it(
    form: Any, site: Any
) -> None:
    """A reload shows the kind again; a link without one is for compiling alone."""
    form.open("compile.html")
    both = form.field("Compile, then run it")
    both.check()
    form.field("Ranks").fill("2")
    form.page.reload()
    expect(both).to_be_checked()
    expect(form.field("Ranks")).to_have_value("2")

    site.open("compile.html#source=other.c&command=gcc")
    expect(form.field("Compile only")).to_be_checked()
    site.open("compile.html?again#kind=build-run&source=third.c&compile=mpicc&ranks=3")

    expect(both).to_be_checked()
    expect(form.field("Compiler command")).to_have_value("mpicc")
    expect(form.field("Ranks")).to_have_value("3")


def test_without_the_app_there_is_no_choice(
    form: Any, site: Any, tenant: Any, system: Any
) -> None:
    """A system that takes no compile-then-run jobs is asked for none."""
    tenant.systems = [system | {"build_run_app": "", "compare_app": ""}]
    form.open("compile.html")

    expect(form.field("Source file")).to_be_visible()
    expect(form.page.get_by_text("What to do")).to_have_count(0)
    site.open("compare.html")
    expect(form.page.get_by_text("No system is set up for such jobs")).to_be_visible()


def test_numbers_are_checked_when_a_field_is_left(form: Any) -> None:
    """Threads, ranks and the run time say what they should look like."""
    form.open("run.html#binary=heat")
    threads = form.field("Threads")
    threads.fill("many")
    form.field("Longest run time").fill("10")
    expect(form.page.get_by_text("Threads must be a whole number.")).to_be_visible()

    form.button("Run").click()

    expect(form.page.get_by_text("Write hours:minutes:seconds")).to_be_visible()
    expect(threads).to_be_focused()


@pytest.mark.parametrize(
    ("label", "most"),
    [("Ranks", "1000000"), ("Threads", "9999"), ("Nodes", "100000")],
)
def test_numbers_that_the_service_would_not_take_are_told(
    form: Any, label: str, most: str
) -> None:
    """A number with too many digits is no number of ranks, threads or nodes."""
    form.open("run.html#binary=heat")

    form.field(label).fill("9" * 30)
    form.button("Run").click()

    told = f"{label} must be at most {most}."
    expect(form.fault(label.lower())).to_have_text(told)
    expect(form.field(label)).to_be_focused()


def test_limits_of_the_queue_are_told_while_one_types(
    form: Any, tenant: Any, cluster: Any
) -> None:
    """A size that the queue has not is told next to its field, and sent nowhere."""
    tenant.systems = [cluster]
    form.open("run.html#binary=heat")
    limits = form.page.get_by_label("Limits of queue normal")
    expect(limits).to_contain_text("Processors on a nodeat most 16")
    form.field("Started by").select_option("ibrun -n …")
    form.field("Ranks").fill("40")

    fault = form.fault("ranks")
    expect(fault).to_contain_text("40 ranks on a node need 40 processors")
    form.field("Nodes").fill("4")
    expect(fault).to_have_text("")
    words = form.page.locator("#size-words")
    expect(words).to_have_text(
        "40 ranks: 4 nodes \N{MULTIPLICATION SIGN} 10 processors."
    )
    form.field("Queue").select_option("debug")

    expect(form.fault("nodes")).to_contain_text("at most 1 node")
    expect(form.field("Queue")).to_be_focused()
    form.picture("limits")
    form.field("Longest run time").fill("01:00:00")
    expect(form.fault("run_time")).to_contain_text("00:20:00")
    form.button("Run").click()
    expect(form.field("Ranks")).to_be_focused()
    assert tenant.requests("/jobs") == []


def test_easy_run_times_are_those_of_the_queue(
    form: Any, tenant: Any, cluster: Any
) -> None:
    """A button writes its time; the last one is the longest that the queue gives."""
    tenant.systems = [cluster]
    form.open("run.html#binary=heat")
    form.field("Queue").select_option("debug")
    times = form.page.get_by_role("group", name="Run times").get_by_role("button")
    expect(times).to_have_text(["5 min", "10 min", "Longest"])

    times.last.click()

    expect(form.field("Longest run time")).to_have_value("00:20:00")
    expect(times.last).to_have_attribute("aria-pressed", "true")


def test_paths_are_suggested(form: Any, tenant: Any, make_job: Any) -> None:
    """The program field offers what recent jobs made, then files and folders."""
    tenant.jobs = {"7": make_job("7")}
    tenant.files = {"heat.c": b"", "samples/matrix.c": b""}
    tenant.folders = {"samples"}
    form.open("run.html")
    program = form.field("Program")

    program.focus()
    form.page.wait_for_function(
        "() => document.querySelector('#binary').list.options.length > 2"
    )
    top = program.evaluate(OPTIONS)
    program.fill("~/samples/")
    form.page.wait_for_function(
        "() => document.querySelector('#binary').list.options.length === 1"
    )

    assert top == ["jobs/2026-11-20/compile-local-7/heat", "samples/", "heat.c"]
    assert program.evaluate(OPTIONS) == ["samples/matrix.c"]
