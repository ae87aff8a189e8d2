"""The forms of jobs in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def fill_compile(site: Any) -> None:
    """Fill in the compile form as a person would."""
    site.page.get_by_label("Compiler command").fill("gcc -fopenmp -O2")
    site.page.get_by_label("Source file").fill("heat.c")
    site.page.get_by_label("Output file").fill("heat")


def test_compile_then_run_this_program(site: Any, tenant: Any) -> None:
    """From Compile to its job, by the link to a filled Run form, to the run's job."""
    tenant.texts = {"out": "residual 0.125\n"}
    site.sign_in("compile.html")
    fill_compile(site)
    site.page.get_by_role("button", name="Compile", exact=True).click()
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
    assert "compiler" not in tenant.requests("/jobs")[0]["body"]


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
    preset = page.get_by_role("button", name="OpenMP")
    expect(preset).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Source file")).to_have_value("src/heat.c")
    expect(page.get_by_label("Additional files")).to_have_value("src/grid.h")
    expect(page.get_by_label("Arguments")).to_have_value("-lm")
    page.get_by_label("Source file").fill("src/mended.c")
    page.reload()
    expect(page.get_by_label("Source file")).to_have_value("src/mended.c")
    page.get_by_role("button", name="Compile", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="FINISHED")).to_be_visible()
    sent = tenant.requests("/jobs")[-1]["body"]
    assert (sent["source"], sent["args"]) == ("src/mended.c", "-lm")
    assert sent["files"] == ["src/grid.h"]
