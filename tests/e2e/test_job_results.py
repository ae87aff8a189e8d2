"""What becomes of jobs, through the pages and the whole stack."""

import secrets
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.needs("chromium", "bubblewrap", "gcc"),
    pytest.mark.timeout(120),
]

SITE = "files/v2/download/ipt/system/ipt.site/site"
LOCAL: dict[str, Any] = {"system": "local", "files": [], "modules": []}
SUM = b"""#include <stdio.h>
int main(void) {
  double sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (long i = 1; i < 50000000; i++) {
    sum += 1.0 / i;
  }
  printf("sum %.12f\\n", sum);
  return 0;
}
"""
TICKS = b"""#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void) {
  for (int i = 0; i < 8; i++) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    printf("at %ld.%03ld\\n", (long)now.tv_sec, now.tv_nsec / 1000000);
    fflush(stdout);
    usleep(500000);
  }
  return 0;
}
"""
# How late each line is when it is seen first.
WATCH = """() => {
  window.late = {};
  setInterval(() => {
    const text = document.querySelector("pre").textContent;
    for (const [, time] of text.matchAll(/at ([0-9.]+)\\n/g)) {
      window.late[time] ??= Date.now() / 1000 - Number(time);
    }
  }, 20);
}"""


@pytest.fixture(name="ada")
def _ada(page: Page, stack: Any) -> Page:
    """Sign Ada in at the page; a zip is an ordinary download there."""
    page.add_init_script("delete window.showSaveFilePicker;")
    page.goto(stack.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(stack.passwords["ada"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def submit(user: Any, **fields: Any) -> str:
    """Send a request to job-submit and return the job's id."""
    body = {"request_id": secrets.token_hex(6), **LOCAL, **fields}
    job: str = user.ask("job-submit", "POST", "/jobs", body)["id"]
    return job


def open_job(page: Page, stack: Any, job: str) -> None:
    """Go to the page of a job."""
    page.goto(f"{stack.url}/{SITE}/history.html#job={job}")


def expect_state(page: Page, state: str) -> None:
    """Wait until the job's page says that state."""
    chip = page.get_by_role("status").filter(has_text=state)
    expect(chip).to_be_visible(timeout=60_000)


def test_output_is_seen_while_it_is_printed(ada: Page, stack: Any) -> None:
    """The page is at most two seconds behind the program."""
    user = stack.user("ada")
    user.upload("ticks.c", TICKS)
    job = submit(
        user,
        kind="build-run",
        source="ticks.c",
        compile="gcc -O2",
        output="ticks",
    )
    open_job(ada, stack, job)
    ada.evaluate(WATCH)

    expect_state(ada, "FINISHED")

    late = list(ada.evaluate("window.late").values())
    assert len(late) == 8
    assert max(late) < 2


def test_the_results_of_a_job_are_one_zip(
    ada: Page, stack: Any, tmp_path: Path
) -> None:
    """Everything that lies in the job's folder, but the wrapper's notes."""
    user = stack.user("ada")
    user.upload("sum.c", SUM)
    job = submit(user, kind="compile", source="sum.c", command="gcc -O2", output="sum")
    open_job(ada, stack, job)
    expect_state(ada, "FINISHED")

    with ada.expect_download() as download:
        ada.get_by_role("button", name="Download all as a zip").click()

    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as found:
        assert found.testzip() is None
        names = found.namelist()
        assert found.read("sum")[:4] == b"\x7fELF"
    assert {name.rpartition(".")[2] for name in names} == {"sum", "out", "err"}


def test_a_compile_error_leads_to_its_line(ada: Page, stack: Any) -> None:
    """What gcc says is a list; the place is a link for the editor."""
    user = stack.user("ada")
    user.upload("faulty.c", b"int main(void) {\n  int n;\n  return x;\n}\n")
    job = submit(
        user,
        kind="compile",
        source="faulty.c",
        command="gcc -Wall",
        output="faulty",
    )

    open_job(ada, stack, job)

    expect_state(ada, "FAILED")
    heading = ada.get_by_role("heading", name="Compiler: 1 error, 1 warning")
    expect(heading).to_be_visible()
    first = ada.locator(".diagnostic").first
    expect(first).to_contain_text("undeclared")
    expect(first.get_by_role("link", name="faulty.c:3").first).to_have_attribute(
        "href", f"edit.html#path=faulty.c&line=3&column=10&job={job}"
    )


def test_a_comparison_is_a_table_and_a_chart(ada: Page, stack: Any) -> None:
    """A program and its OpenMP version have the same sum; a lower tolerance says no."""
    user = stack.user("ada")
    user.upload("sum.c", SUM)
    user.upload("sum_openmp.c", SUM)
    job = submit(
        user,
        kind="compare",
        serial="sum.c",
        parallel="sum_openmp.c",
        serial_compile="gcc -O2",
        parallel_compile="gcc -O2 -fopenmp",
        counts=[1, 2],
        repeats=1,
    )

    open_job(ada, stack, job)

    expect_state(ada, "FINISHED")
    row = ada.get_by_role("row").filter(has_text="2 threads")
    expect(row).to_contain_text("yes")
    expect(ada.get_by_role("img", name="Speed-up over threads")).to_be_visible()
    ada.get_by_label("Tolerance").fill("0")
    ada.get_by_role("button", name="Compare again").click()
    expect(row).to_contain_text("no")
    expect(ada.locator(".differences")).to_contain_text("word 2 of line 1 differs")


def test_a_job_is_sent_again_and_cancelled(ada: Page, stack: Any) -> None:
    """One click makes the same job once more; Cancel ends it."""
    user = stack.user("ada")
    user.upload("ticks.c", TICKS)
    job = submit(
        user,
        kind="build-run",
        source="ticks.c",
        compile="gcc -O2",
        output="ticks",
    )
    open_job(ada, stack, job)
    expect_state(ada, "FINISHED")

    ada.get_by_role("button", name="Send again").click()
    expect(ada.get_by_text("This is the new one.")).to_be_visible()
    expect_state(ada, "RUNNING")
    ada.get_by_role("button", name="Cancel", exact=True).click()
    ada.get_by_role("button", name="Cancel the job").click()

    expect_state(ada, "STOPPED")
    assert job not in ada.url
