"""Compile, Run and History in Chromium."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def fill_compile(site: Any) -> None:
    """Fill in the compile form as a person would."""
    site.page.get_by_label("Compiler command").fill("gcc -fopenmp -O2")
    site.page.get_by_label("Source file").fill("heat.c")
    site.page.get_by_label("Output file").fill("heat")


def test_the_preview_shows_the_exact_command(site: Any) -> None:
    """While one types, the command line that the service would carry out is shown."""
    site.sign_in("compile.html")
    waiting = site.page.get_by_text("Waiting for: Source file")
    expect(waiting).to_be_visible()

    fill_compile(site)
    site.page.get_by_label("Arguments").fill("-lm")

    expected = "gcc -fopenmp -O2 heat.c heat -lm"
    expect(site.page.get_by_text(expected, exact=True)).to_be_visible()


def test_a_preset_fills_in_the_command(site: Any) -> None:
    """Choosing a preset writes its command; another command is an own one."""
    site.sign_in("compile.html")
    command = site.page.get_by_label("Compiler command")
    preset = site.page.get_by_label("Preset")

    preset.select_option("C, OpenMP: gcc -O2 -fopenmp")
    expect(command).to_have_value("gcc -O2 -fopenmp")
    command.fill("clang")

    expect(preset).to_have_value("")


def test_every_missing_field_is_told_and_the_first_has_the_focus(
    site: Any, tenant: Any
) -> None:
    """An incomplete form is not sent; errors stand next to their fields."""
    site.sign_in("compile.html")
    site.page.get_by_label("Output file").fill("")

    site.page.get_by_role("button", name="Compile").click()

    source = site.page.get_by_label("Source file")
    expect(source).to_be_focused()
    expect(source).to_have_attribute("aria-invalid", "true")
    expect(source).to_have_accessible_description(
        "A file of your home. Suggestions come while you type. Source file is needed."
    )
    expect(site.page.get_by_text("Output file is needed.")).to_be_visible()
    assert tenant.requests("/jobs") == []


def test_a_refused_field_is_marked_and_values_are_kept(site: Any, tenant: Any) -> None:
    """What the service says about a field stands next to it; nothing typed is lost."""
    message = "command has a ; in it, which would start a second command."
    body = {"code": "bad_request", "message": message, "details": {"field": "command"}}
    tenant.refusals["POST", "/jobs"] = (400, {"error": body})
    site.sign_in("compile.html")
    fill_compile(site)
    site.page.get_by_label("Compiler command").fill("gcc; rm -rf x")

    site.page.get_by_role("button", name="Compile").click()

    expect(site.page.get_by_text(message)).to_be_visible()
    expect(site.page.get_by_label("Compiler command")).to_be_focused()
    expect(site.page.get_by_label("Source file")).to_have_value("heat.c")


def test_the_same_form_sent_twice_is_one_request(site: Any, tenant: Any) -> None:
    """After a failure in between, the same form goes out under the same request id."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["POST", "/jobs"] = (503, {"error": body})
    site.sign_in("compile.html")
    fill_compile(site)
    button = site.page.get_by_role("button", name="Compile")
    button.click()
    expect(site.page.get_by_text("The platform is away.")).to_be_visible()
    site.page.reload()
    button.click()
    expect(site.page.get_by_text("The platform is away.")).to_be_visible()
    site.page.get_by_label("Output file").fill("other")
    button.click()
    expect(button).to_be_enabled()

    ids = [message["body"]["request_id"] for message in tenant.requests("/jobs")]

    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]


def test_compile_then_run_this_program(site: Any, tenant: Any) -> None:
    """From Compile to its job, by the link to a filled Run form, to the run's job."""
    tenant.texts = {"out": "residual 0.125\n"}
    site.sign_in("compile.html")
    fill_compile(site)
    site.page.get_by_role("button", name="Compile").click()
    expect(site.page.get_by_role("status").filter(has_text="FINISHED")).to_be_visible()

    site.page.get_by_role("link", name="Run this program").click()
    program = site.page.get_by_label("Program")
    expect(program).to_have_value(
        f"jobs/2026-11-20/compile-local-{next(iter(tenant.jobs))}/heat"
    )
    site.page.get_by_label("Threads").fill("4")
    site.page.get_by_role("button", name="Run", exact=True).click()

    expect(site.page.get_by_role("status").filter(has_text="FINISHED")).to_be_visible()
    expect(site.page.get_by_label("Standard output")).to_have_text("residual 0.125")
    sent = tenant.requests("/jobs")[-1]["body"]
    assert sent["threads"] == 4
    assert sent["kind"] == "run"
    assert sent["files"] == []
    assert "preset" not in tenant.requests("/jobs")[0]["body"]


def test_numbers_are_checked_before_they_are_sent(site: Any) -> None:
    """Threads, nodes and the run time say what they should look like."""
    site.sign_in("run.html#binary=heat")
    site.page.get_by_label("Threads").fill("many")
    site.page.get_by_label("Nodes").fill("2")
    site.page.get_by_label("Longest run time").fill("10")

    site.page.get_by_role("button", name="Run", exact=True).click()

    expect(site.page.get_by_text("Threads is a whole number.")).to_be_visible()
    expect(site.page.get_by_text("Nodes is at most 1.")).to_be_visible()
    expect(site.page.get_by_text("Write hours:minutes:seconds")).to_be_visible()


def test_paths_are_suggested(site: Any, tenant: Any, make_job: Any) -> None:
    """The program field offers what recent jobs made, then files and folders."""
    tenant.jobs = {"7": make_job("7")}
    tenant.files = {"heat.c": b"", "samples/matrix.c": b""}
    tenant.folders = {"samples"}
    site.sign_in("run.html")
    program = site.page.get_by_label("Program")
    options = "input => [...input.list.options].map((option) => option.value)"

    program.focus()
    site.page.wait_for_function(
        "() => document.querySelector('#binary').list.options.length > 2"
    )
    top = program.evaluate(options)
    program.fill("~/samples/")
    site.page.wait_for_function(
        "() => document.querySelector('#binary').list.options.length === 1"
    )

    assert top == ["jobs/2026-11-20/compile-local-7/heat", "samples/", "heat.c"]
    assert program.evaluate(options) == ["samples/matrix.c"]


def test_without_systems_the_form_can_be_asked_for_again(
    site: Any, tenant: Any
) -> None:
    """When the systems cannot be read the page says so and tries again on a click."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["GET", "/systems"] = (503, {"error": body})
    site.sign_in("compile.html")
    expect(site.page.get_by_text("The platform is away.")).to_be_visible()

    tenant.refusals.clear()
    site.page.get_by_role("button", name="Try again").click()

    expect(site.page.get_by_label("Source file")).to_be_visible()


def test_history_is_filtered_and_paged(site: Any, tenant: Any, make_job: Any) -> None:
    """Twenty jobs a page, by kind and by words; the table says how fresh it is."""
    tenant.jobs = {f"{n}": make_job(f"{n}") for n in range(30)}
    tenant.jobs["30"] = make_job("30", kind="run", name="ipt-run-30")
    site.sign_in("history.html")
    rows = site.page.get_by_role("row")
    expect(rows).to_have_count(21)
    expect(site.page.get_by_text("As of")).to_be_visible()

    site.page.get_by_role("button", name="Older").click()
    expect(rows).to_have_count(12)
    site.page.get_by_label("Kind").select_option("Run")
    expect(rows).to_have_count(2)
    expect(site.page.get_by_role("link", name="ipt-run-30")).to_be_visible()
    site.page.get_by_label("Search").fill("nothing like it")

    expect(site.page.get_by_text("No job fits. Widen the search.")).to_be_visible()


def test_a_running_job_is_followed_to_its_end(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """State, output and timeline change by themselves while the page is open."""
    job = make_job("9", status="RUNNING", ended="", can_cancel=True, outputs=[])
    job["history"].pop()
    tenant.jobs, tenant.texts = {"9": job}, {"out": "step 1\n"}
    site.sign_in("history.html#job=9")
    output = site.page.get_by_label("Standard output")
    expect(site.page.get_by_role("status").filter(has_text="RUNNING")).to_be_visible()
    expect(output).to_have_text("step 1")
    expect(site.page.get_by_text("The job is running.").first).to_be_visible()
    expect(site.page.locator("#since")).to_have_text(re.compile(r"^for \d"))

    tenant.texts["out"] += "step 2\n"
    tenant.jobs["9"] = make_job("9")

    expect(output).to_contain_text("step 2")
    expect(site.page.get_by_role("status").filter(has_text="FINISHED")).to_be_visible()
    expect(site.page.get_by_role("button", name="Download heat")).to_be_visible()


def test_cancel_asks_first(site: Any, tenant: Any, make_job: Any) -> None:
    """Keep does nothing; only the second answer cancels."""
    tenant.jobs = {"9": make_job("9", status="RUNNING", can_cancel=True)}
    site.sign_in("history.html#job=9")
    site.page.get_by_role("button", name="Cancel", exact=True).click()
    site.page.get_by_role("button", name="Keep").click()
    assert tenant.jobs["9"]["status"] == "RUNNING"

    site.page.get_by_role("button", name="Cancel", exact=True).click()
    site.page.get_by_role("button", name="Cancel the job").click()

    expect(site.page.get_by_role("status").filter(has_text="STOPPED")).to_be_visible()


def test_a_job_is_removed_from_the_history(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """After the question the job is gone and the list is shown."""
    tenant.jobs = {"7": make_job("7")}
    site.sign_in("history.html#job=7")
    site.page.get_by_role("button", name="Remove from history").click()

    site.page.get_by_role("dialog").get_by_role("button", name="Remove").click()

    expect(site.page.get_by_text("The job is removed")).to_be_visible()
    expect(site.page.get_by_text("No jobs yet.")).to_be_visible()


def test_a_failed_job_can_be_changed_and_sent_again(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """The link opens the form as it was sent; what is typed there outlives a reload."""
    tenant.jobs = {"8": make_job("8", status="FAILED", exit_code=1)}
    site.sign_in("compile.html")
    site.page.get_by_label("Arguments").fill("-lfrom -lbefore")
    site.open("history.html#job=8")

    site.page.get_by_role("link", name="Change and send again").click()

    page = site.page
    expect(page.get_by_label("Compiler command")).to_have_value("gcc -O2 -fopenmp")
    expect(page.get_by_label("Preset")).to_have_value("gcc -O2 -fopenmp")
    expect(page.get_by_label("Source file")).to_have_value("src/heat.c")
    expect(page.get_by_label("Additional files")).to_have_value("src/grid.h")
    expect(page.get_by_label("Arguments")).to_have_value("-lm")
    page.get_by_label("Source file").fill("src/mended.c")
    page.reload()
    expect(page.get_by_label("Source file")).to_have_value("src/mended.c")
    page.get_by_role("button", name="Compile").click()
    expect(page.get_by_role("status").filter(has_text="FINISHED")).to_be_visible()
    sent = tenant.requests("/jobs")[-1]["body"]
    assert (sent["source"], sent["args"]) == ("src/mended.c", "-lm")
    assert sent["files"] == ["src/grid.h"]


def test_a_failed_run_is_sent_again_with_its_choices(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """Numbers, launcher and times of a run are filled in as well."""
    request = {
        "kind": "run",
        "system": "local",
        "binary": "jobs/x/heat",
        "launcher": "mpirun -np {processors}",
        "args": "100",
        "threads": 4,
        "queue": "default",
        "nodes": 1,
        "processors": 2,
        "run_time": "00:05:00",
        "files": [],
        "modules": [],
    }
    tenant.jobs = {"8": make_job("8", kind="run", status="FAILED", request=request)}
    site.sign_in("history.html#job=8")

    site.page.get_by_role("link", name="Change and send again").click()
    site.page.get_by_role("button", name="Run", exact=True).click()

    expect(site.page.get_by_role("status").filter(has_text="FINISHED")).to_be_visible()
    sent = tenant.requests("/jobs")[-1]["body"]
    del sent["request_id"]
    assert sent | {"modules": []} == request


def test_a_finished_run_tells_how_long_its_program_ran(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """The program's own time is told; the wrapper's notes are not among the outputs."""
    names = ["IPT_EXIT_CODE", "IPT_TIME", "x.err", "x.out"]
    outputs = [
        {"name": n, "path": f"jobs/{n}", "type": "file", "size": 1} for n in names
    ]
    job = make_job("7", kind="run", run_seconds=0.34, outputs=outputs)
    tenant.jobs = {"7": job | {"name": "ipt-run-heat-0123456789ab"}}
    site.sign_in("history.html")
    row = site.page.get_by_role("row").filter(has_text="01234567")
    expect(row.get_by_role("cell").nth(3)).to_have_text("3 s")

    row.get_by_role("link", name="Run heat", exact=True).click()

    expect(site.page.get_by_role("heading", level=1)).to_have_text("Run heat")
    expect(site.page.get_by_text("The program ran 0.34 s.")).to_be_visible()
    shown = site.page.locator("#outputs .name")
    expect(shown).to_have_text(["x.err", "x.out"])


def test_an_unknown_job_is_told(site: Any) -> None:
    """A job that is not there is an error with a way back, not an empty page."""
    site.sign_in("history.html#job=nothing")

    expect(site.page.get_by_role("heading", name="No such job")).to_be_visible()
    site.page.get_by_role("link", name="All jobs").click()
    expect(site.page.get_by_role("heading", name="History")).to_be_visible()


def test_output_is_text_whatever_it_contains(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """Names and output that look like markup are shown, not obeyed."""
    hostile = "<img src=x onerror=alert(1)>"
    tenant.jobs = {"7": make_job("7", name=hostile, command_line=hostile)}
    tenant.texts = {"out": hostile, "err": f"</pre>{hostile}"}
    site.sign_in("history.html")
    site.page.get_by_role("link", name=hostile).click()

    expect(site.page.get_by_role("heading", level=1)).to_have_text(hostile)
    expect(site.page.get_by_label("Standard output")).to_have_text(hostile)
    assert site.page.locator("main img").count() == 0
