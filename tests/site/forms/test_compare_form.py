"""The form of Compare."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def test_two_sources_are_compared_by_threads(form: Any) -> None:
    """The usual case needs two file names: all else is filled in already."""
    form.open("help.html")
    tabs = form.page.get_by_role("navigation", name="Main")
    tabs.get_by_role("link", name="Compare").click()
    form.field("Serial program").fill("heat.c")
    form.field("Parallel program").fill("heat_omp.c")

    expect(form.field("Serial compiler")).to_have_value("gcc -O2")
    expect(form.button("OpenMP")).to_have_attribute("aria-pressed", "true")
    form.send("Compare")

    assert form.sent() == {
        "kind": "compare",
        "system": "local",
        "serial": "heat.c",
        "serial_compile": "gcc -O2",
        "parallel": "heat_omp.c",
        "parallel_compile": "gcc -O2 -fopenmp",
        "args": "",
        "files": [],
        "launcher": "",
        "counts": [1, 2, 4],
        "repeats": 1,
        "nodes": 1,
        "queue": "default",
        "run_time": "00:10:00",
    }


def test_the_page_says_in_words_what_will_be_done(form: Any) -> None:
    """The plan follows what is typed: compilations, counts, repeats, time."""
    form.open("compare.html")
    plan = form.page.locator("#plan")
    expect(plan).to_contain_text("Compiles both programs. Runs")

    form.chip("Counts", "8").click()
    form.chip("Counts", "1").click()
    form.chip("Repeats", "3").click()

    expect(form.field("Threads or ranks to try")).to_have_value("2 4 8")
    expect(form.chip("Counts", "1")).to_have_attribute("aria-pressed", "false")
    expect(form.chip("Counts", "8")).to_have_attribute("aria-pressed", "true")
    expect(plan).to_contain_text("with 2, 4 and 8 threads, each 3 times: 12 runs.")
    for each in ("2", "4", "8"):
        form.chip("Counts", each).click()
    expect(plan).to_have_text("Choose at least one count.")


def test_a_program_that_is_compiled_already_is_not_compiled(
    form: Any,
) -> None:
    """A path that is no source empties its compiler; a source brings its own."""
    form.open("compare.html")

    form.field("Serial program").fill("jobs/x/heat")
    form.field("Parallel program").fill("heat_omp.cpp")

    expect(form.field("Serial compiler")).to_have_value("")
    parallel = form.field("Parallel compiler")
    expect(parallel).to_have_value("g++ -O2 -fopenmp")
    form.field("Parallel program").fill("jobs/y/heat")
    expect(parallel).to_have_value("")
    form.field("Parallel program").fill("heat_omp.c")
    expect(parallel).to_have_value("gcc -O2 -fopenmp")
    form.send("Compare")
    assert form.sent()["serial_compile"] == ""


def test_own_compiler_commands_stay(form: Any) -> None:
    """What was typed is not taken away by a file name or a preset."""
    form.open("compare.html")
    form.field("Serial compiler").fill("clang -O1")
    form.field("Parallel compiler").fill("clang -fopenmp")

    form.field("Serial program").fill("jobs/x/heat")
    form.field("Parallel program").fill("heat.cpp")
    form.button("MPI").click()

    expect(form.field("Serial compiler")).to_have_value("clang -O1")
    expect(form.field("Parallel compiler")).to_have_value("clang -fopenmp")
    expect(form.page.get_by_text("Kept as you typed it")).to_be_visible()
    expect(form.field("Started by")).to_have_value(form.mpirun)


def test_ranks_are_counted_with_a_launcher(form: Any) -> None:
    """The MPI preset brings compiler and launcher; the plan then speaks of ranks."""
    form.open("compare.html#serial=pi.c&parallel=pi_mpi.c&args=100 0.5")

    form.button("MPI").click()

    expect(form.page.locator("#plan")).to_contain_text("with 1, 2 and 4 ranks")
    form.send("Compare")
    sent = form.sent()
    assert (sent["launcher"], sent["parallel_compile"]) == (form.mpirun, "mpicc -O2")
    assert (sent["serial_compile"], sent["args"]) == ("gcc -O2", "100 0.5")


def test_counts_are_held_against_the_queue(
    form: Any, tenant: Any, cluster: Any
) -> None:
    """Threads must fit a node, ranks all nodes, and threads stay on one node."""
    serial = cluster["presets"][0] | {"name": "serial", "compile": "icc"}
    tenant.systems = [cluster | {"presets": [serial, *cluster["presets"]]}]
    form.open("compare.html#serial=pi.c&parallel=pi_mpi.c&counts=1 32")
    fault = form.fault("counts")
    expect(fault).to_contain_text("32 threads are more than queue normal has on a node")

    form.field("Nodes").fill("2")
    nodes = form.fault("nodes")
    expect(nodes).to_have_text(
        "Threads stay on one node: choose a launcher to count ranks."
    )
    form.field("Started by").select_option("ibrun -n …")

    expect(fault).to_have_text("")
    expect(nodes).to_have_text("")
    counts = form.field("Threads or ranks to try")
    counts.fill("1 two")
    counts.blur()
    expect(fault).to_contain_text("Write whole numbers from 1")


def test_counts_that_were_not_typed_fit_the_queue(
    form: Any, tenant: Any, system: Any
) -> None:
    """A smaller queue begins with fewer; own counts stay, and are told of."""
    small = {"name": "small", "max_nodes": 1, "max_processors": 2}
    tenant.systems = [system | {"queues": [*system["queues"], small]}]
    form.open("compare.html")
    counts = form.field("Threads or ranks to try")

    form.field("Queue").select_option("small")
    expect(counts).to_have_value("1 2")
    form.field("Queue").select_option("default")
    expect(counts).to_have_value("1 2 4")
    counts.fill("1 2 4 8")
    form.field("Queue").select_option("small")

    expect(counts).to_have_value("1 2 4 8")
    expect(form.fault("counts")).to_contain_text("8 threads are more")


def test_a_launcher_that_cannot_count_is_not_offered(
    form: Any, tenant: Any, system: Any
) -> None:
    """One that starts as many ranks as there are would measure the same each time."""
    tenant.systems = [system | {"launchers": ["", "ibrun", "ibrun -n {processors}"]}]
    form.open("compare.html")

    options = form.field("Started by").locator("option")

    expect(options).to_have_text(["no launcher", "ibrun -n …"])


def test_a_comparison_is_sent_again_as_it_was(form: Any) -> None:
    """A link fills in everything, and a picture shows the page."""
    values = (
        "serial=heat.c&parallel=heat_omp.c&serial_compile=gcc&counts=1 3"
        "&repeats=5&args=7&files=a.h, b.txt&run_time=01:00:00"
        "&parallel_compile=icc -qopenmp"
    )
    form.open(f"compare.html#{values}")
    expect(form.page.locator("#preview")).to_contain_text("heat.c")
    form.picture("compare")

    form.send("Compare")

    sent = form.sent()
    assert (sent["counts"], sent["repeats"]) == ([1, 3], 5)
    assert (sent["files"], sent["run_time"]) == (["a.h", "b.txt"], "01:00:00")
    assert sent["parallel_compile"] == "icc -qopenmp"


def test_a_fault_of_the_service_stands_at_its_field(form: Any, tenant: Any) -> None:
    """Two programs of one name cannot lie in one folder; the service says so."""
    message = "serial and parallel are both named 'heat.c'."
    body = {"code": "bad_request", "message": message, "details": {"field": "parallel"}}
    tenant.refusals["POST", "/jobs"] = (400, {"error": body})
    form.open("compare.html#serial=a/heat.c&parallel=b/heat.c")

    form.page.locator("form").get_by_role("button", name="Compare", exact=True).click()

    expect(form.fault("parallel")).to_have_text(message)
    expect(form.field("Parallel program")).to_be_focused()
