"""A serial program against its parallel one, in Chromium."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")

TIMES = "\N{MULTIPLICATION SIGN}"
NONE = "\N{EN DASH}"


def make_run(count: int, seconds: float, **changes: Any) -> dict[str, Any]:
    """Return one run as the service answers it; the serial one took 8 seconds."""
    return {
        "label": str(count) if count else "serial",
        "count": count,
        "repeat": 1,
        "exit_code": 0,
        "seconds": seconds,
        "speed_up": 8 / seconds,
        "efficiency": 8 / seconds / (count or 1),
        "same": True if count else None,
        "difference": None,
    } | changes


@pytest.fixture(name="comparison")
def _comparison(tenant: Any, make_job: Any) -> dict[str, Any]:
    """Make job 9 a comparison with 1, 2, 4 and 8 threads."""
    tenant.jobs = {"9": make_job("9", kind="compare")}
    times = {0: 8.0, 1: 8.4, 2: 4.3, 4: 2.4, 8: 1.6}
    comparison: dict[str, Any] = {
        "done": True,
        "mode": "threads",
        "message": "",
        "runs": [make_run(count, seconds) for count, seconds in times.items()],
    }
    tenant.comparison = comparison
    return comparison


@pytest.mark.usefixtures("comparison")
def test_times_and_speed_up_are_a_table_and_a_chart(site: Any) -> None:
    """The table has every number; the chart says in words what it shows."""
    site.sign_in("history.html#job=9")

    rows = site.page.locator("ipt-comparison").get_by_role("row")
    expect(rows).to_have_count(6)
    expect(rows.nth(1).get_by_role("rowheader")).to_have_text("Serial")
    expect(rows.nth(2).get_by_role("rowheader")).to_have_text("1 thread")
    cells = rows.nth(4).get_by_role("cell")
    expect(cells).to_have_text(["2.40 s", f"3.33 {TIMES}", "83 %", "yes"])
    chart = site.page.get_by_role("img", name="Speed-up over threads")
    expect(chart).to_have_accessible_description(
        f"At best 5.00 {TIMES} with 8 threads. The table below has all numbers."
    )
    expect(chart.locator("circle")).to_have_count(4)
    expect(chart.locator(".ideal")).to_be_visible()
    expect(
        site.page.get_by_text("All outputs are the same within the tolerance.")
    ).to_be_visible()


def test_the_first_difference_is_shown_side_by_side(
    site: Any, comparison: dict[str, Any]
) -> None:
    """Line, word and size of it are told, and what either program printed there."""
    difference = {
        "line": 12,
        "word": 3,
        "serial": "0.1250<b>",
        "parallel": "0.1251",
        "relative": 0.0007994,
        "serial_lines": 20,
        "parallel_lines": 20,
    }
    shorter = difference | {"line": 20, "word": 0, "parallel": "", "relative": None}
    comparison["runs"][3] |= {"same": False, "difference": difference}
    comparison["runs"][4] |= {
        "same": False,
        "difference": shorter | {"parallel_lines": 19},
    }

    site.sign_in("history.html#job=9")

    shown = site.page.locator(".differences li")
    expect(shown.nth(0)).to_contain_text(
        "With 4 threads, word 3 of line 12 differs by 0.0008 of its size."
    )
    expect(shown.nth(0).get_by_role("definition")).to_have_text(["0.1250<b>", "0.1251"])
    expect(shown.nth(1)).to_contain_text(
        "line 20 is in one of them only: they have 20 and 19 lines."
    )
    expect(shown.nth(1).get_by_role("definition").nth(1)).to_have_text("nothing")
    expect(site.page.get_by_role("cell", name="no", exact=True)).to_have_count(2)


def test_another_tolerance_asks_again(
    site: Any, tenant: Any, comparison: dict[str, Any]
) -> None:
    """A number from 0 to 1 is sent; anything else is refused beside the field."""
    site.sign_in("history.html#job=9")
    field = site.page.get_by_label("Tolerance")
    expect(field).to_have_value("1e-6")
    again = site.page.get_by_role("button", name="Compare again")
    field.fill("some")
    again.click()
    expect(
        site.page.get_by_text("The tolerance is a number from 0 to 1")
    ).to_be_visible()
    expect(field).to_be_focused()
    comparison["runs"][4]["same"] = False

    field.fill("0,001")
    field.press("Enter")

    expect(site.page.get_by_role("cell", name="no", exact=True)).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "false")
    asked = [m["query"]["tolerance"] for m in tenant.requests("/jobs/9/comparison")]
    assert asked == ["1e-6", "0.001"]


def test_repeats_are_one_row_with_the_usual_time(
    site: Any, comparison: dict[str, Any]
) -> None:
    """Three runs are told by the middle one, with the span; ranks are called so."""
    comparison["mode"] = "ranks"
    comparison["runs"] = [make_run(0, 8.0)] + [
        make_run(2, seconds, repeat=number, speed_up=2.0, efficiency=1.0)
        for number, seconds in ((1, 4.0), (2, 4.4), (3, 3.9))
    ]

    site.sign_in("history.html#job=9")

    row = site.page.locator("ipt-comparison").get_by_role("row").nth(2)
    expect(row.get_by_role("rowheader")).to_have_text("2 ranks")
    expect(row.get_by_role("cell").nth(0)).to_have_text(
        re.compile(r"4\.00 s\s+3 runs, 3\.90 s to 4\.40 s")
    )
    expect(site.page.get_by_role("img", name="Speed-up over ranks")).to_be_visible()


def test_a_run_that_failed_is_told_in_its_row(
    site: Any, comparison: dict[str, Any]
) -> None:
    """A crash with 8 threads has no speed-up; the others are shown all the same."""
    comparison["runs"][4] |= {
        "exit_code": 139,
        "speed_up": None,
        "efficiency": None,
        "same": None,
    }

    site.sign_in("history.html#job=9")

    row = site.page.get_by_role("row").filter(has_text="8 threads")
    expect(row).to_contain_text("segmentation fault")
    expect(row.get_by_role("cell")).to_have_text([NONE, NONE, NONE, "not compared"])
    expect(site.page.locator(".chart circle")).to_have_count(3)


def test_a_comparison_grows_while_it_runs(
    site: Any, tenant: Any, comparison: dict[str, Any], make_job: Any
) -> None:
    """Runs appear as they end; before the first there is a sentence instead."""
    runs = comparison["runs"]
    message = "No program has run to its end yet."
    comparison |= {"done": False, "runs": [], "message": message}
    running = {"status": "RUNNING", "ended": "", "can_cancel": True}
    tenant.jobs["9"] = make_job("9", kind="compare", **running)
    tenant.comparison = comparison
    site.sign_in("history.html#job=9")
    expect(site.page.get_by_text(message)).to_be_visible()
    expect(site.page.get_by_label("Tolerance")).to_be_hidden()

    tenant.comparison = comparison | {"runs": runs[:3], "message": ""}

    expect(site.page.get_by_text("3 runs are done; it goes on.")).to_be_visible()
    expect(site.page.get_by_label("Tolerance")).to_be_visible()
    tenant.comparison = comparison | {"runs": runs, "message": "", "done": True}
    tenant.jobs["9"] = make_job("9", kind="compare")
    expect(site.page.get_by_role("row").filter(has_text="8 threads")).to_be_visible()
    expect(site.page.locator("#comparison-message")).to_have_text("")


def test_a_comparison_that_cannot_be_read_says_so(
    site: Any, tenant: Any, comparison: dict[str, Any]
) -> None:
    """The reason stands where the table would be; the rest of the page is there."""
    del comparison
    body = {"code": "not_found", "message": "This job left no comparison."}
    tenant.refusals["GET", "/jobs/9/comparison"] = (404, {"error": body})

    site.sign_in("history.html#job=9")

    expect(site.page.get_by_text("This job left no comparison.")).to_be_visible()
    expect(site.page.get_by_role("heading", name="Standard output")).to_be_visible()


def test_different_outputs_are_told_beside_the_state(
    site: Any, comparison: dict[str, Any]
) -> None:
    """Who reads only the head of the page knows that the outputs differ."""
    comparison["runs"][2]["same"] = False
    comparison["runs"][3]["same"] = False

    site.sign_in("history.html#job=9")

    expect(site.page.locator("#verdict")).to_have_text(
        "The outputs differ: with 2 threads and 4 threads it is not that of the "
        "serial program."
    )


@pytest.mark.usefixtures("comparison")
@pytest.mark.parametrize("width", [360, 380])
def test_a_number_stays_with_its_unit(site: Any, width: int) -> None:
    """On a narrow screen no number of the table is cut from what it counts."""
    site.page.set_viewport_size({"width": width, "height": 800})
    site.sign_in("history.html#job=9")
    measures = site.page.locator("ipt-comparison .measure")
    expect(measures).to_have_count(15)

    lines = measures.evaluate_all("all => all.map(e => e.getClientRects().length)")

    assert set(lines) == {1}
    assert site.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    expect(site.page.locator("#verdict")).to_be_empty()
