"""One job in Chromium: its states, what it printed, and what can be done with it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def minutes_from_now(minutes: float) -> str:
    """Return a time as the service writes it."""
    then = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(name="open_job")
def _open_job(site: Any, tenant: Any, make_job: Any) -> Callable[..., None]:
    """Open the page of job 9 as it is described."""

    def open_job(**changes: Any) -> None:
        tenant.jobs = {"9": make_job("9", **changes)}
        site.sign_in("history.html#job=9")

    return open_job


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
    expect(row.get_by_role("cell").nth(4)).to_have_text("3 s")

    row.get_by_role("link", name="Run heat", exact=True).click()

    expect(site.page.get_by_role("heading", level=1)).to_have_text("Run heat")
    expect(site.page.get_by_text("The program ran 0.34 s.")).to_be_visible()
    shown = site.page.locator("#outputs .name")
    expect(shown).to_have_text(["x.err", "x.out"])


def test_a_failed_job_says_why_and_what_may_help(open_job: Any, site: Any) -> None:
    """Who reads it is not sent to mend a program that is not to blame."""
    message = "The system's machine does not answer. It was tried for 600 s."
    history = [{"status": "QUEUED", "description": "", "created": "2026-11-20T10:00Z"}]
    open_job(status="FAILED", exit_code=None, message=message, history=history)

    sentence = site.page.locator("#sentence")
    expect(sentence).to_contain_text(message)
    expect(sentence).to_contain_text("nothing is wrong with your program")
    expect(sentence).not_to_contain_text("mend")


def test_trouble_is_over_when_the_job_is_read_again(open_job: Any, site: Any) -> None:
    """The alert goes away by itself."""
    open_job(status="RUNNING", ended="")
    expect(site.page.get_by_role("heading", name="Compile heat")).to_be_visible()
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    site.tenant.refusals["GET", "/jobs/9"] = (502, {"error": body})
    alerts = site.page.get_by_role("alert")
    expect(alerts).to_contain_text("The platform is away.")

    site.tenant.refusals.clear()
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(alerts).to_be_empty()


def test_an_unknown_job_is_told(site: Any) -> None:
    """A job that is not there is an error with a way back, not an empty page."""
    site.sign_in("history.html#job=nothing")

    expect(site.page.get_by_role("heading", name="No such job")).to_be_visible()
    expect(site.page.get_by_role("heading", name="Standard output")).to_have_count(0)
    expect(site.page.get_by_role("alert")).to_be_empty()
    site.page.get_by_role("link", name="All jobs").click()
    expect(site.page.get_by_role("heading", name="History")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("STAGING_INPUTS", "It has not started yet, and never will."),
        ("QUEUED", "it is taken out and never runs"),
        ("RUNNING", "The program is ended where it stands."),
        ("ARCHIVING", "The program has ended already"),
    ],
)
def test_cancel_says_what_will_happen(
    site: Any, open_job: Any, status: str, text: str
) -> None:
    """What cancelling means depends on how far the job is."""
    open_job(status=status, ended="", can_cancel=True)

    site.page.get_by_role("button", name="Cancel", exact=True).click()

    expect(site.page.get_by_role("dialog")).to_contain_text(text)


def test_a_waiting_job_tells_its_place_in_the_queue(site: Any, open_job: Any) -> None:
    """How many are ahead, when it may start and why it waits, with the age of that."""
    queue = {
        "ahead": 3,
        "expected_start": minutes_from_now(12.5),
        "reason": "Resources",
        "as_of": minutes_from_now(-0.5),
    }

    open_job(status="QUEUED", started="", ended="", can_cancel=True, queue=queue)

    standing = site.page.locator("#standing")
    expect(standing).to_contain_text("3 jobs are ahead of it.")
    expect(standing).to_contain_text("Expected to start in 12 min")
    expect(standing).to_contain_text("The scheduler says: Resources.")
    expect(standing).to_contain_text(re.compile(r"As of\s+3\d s ago"))


def test_the_timeline_says_why(site: Any, open_job: Any) -> None:
    """Each state has its time, how long it lasted, and everything said about it."""
    away = "The machine could not be reached; it is tried again."
    texts = ["", "Job accepted by Slurm as 17.", away, "It is there again.", ""]
    states = ["PENDING", "QUEUED", "RUNNING", "RUNNING", "FINISHED"]
    history = [
        {"status": s, "description": t, "created": f"2026-11-20T10:0{n}:00Z"}
        for n, (s, t) in enumerate(zip(states, texts, strict=True))
    ]

    open_job(history=history)

    steps = site.page.locator(".timeline li")
    expect(steps).to_have_count(4)
    expect(steps.nth(1)).to_contain_text("Job accepted by Slurm as 17.")
    expect(steps.nth(2)).to_contain_text(away)
    expect(steps.nth(2)).to_contain_text("It is there again.")
    expect(steps.nth(2)).to_contain_text("2 min 00 s")
    expect(steps.nth(2)).to_contain_text("20 Nov 2026, 10:02:00")


def test_an_exit_code_is_told_in_words(site: Any, open_job: Any) -> None:
    """139 is a segmentation fault; the facts and inputs are there as well."""
    open_job(
        kind="run",
        status="FAILED",
        exit_code=139,
        message="The command ended with 139.",
    )

    page = site.page
    facts = page.locator("#facts")
    expect(facts).to_contain_text("139: the program touched memory that is not its own")
    expect(page.locator("#sentence")).to_contain_text("The command ended with 139.")
    expect(page.locator("#inputs")).to_contain_text("src/heat.c")
    expect(page.locator("#inputs")).to_contain_text("src/grid.h")


def test_a_job_is_sent_again_with_one_click(
    site: Any, tenant: Any, open_job: Any
) -> None:
    """A click after a failure in between is the same request, and leads to its job."""
    open_job()
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["POST", "/jobs/9/resubmit"] = (503, {"error": body})
    button = site.page.get_by_role("button", name="Send again")
    button.click()
    expect(site.page.get_by_text("The platform is away.")).to_be_visible()
    tenant.refusals.clear()

    button.click()
    expect(site.page.get_by_text("This is the new one.")).to_be_visible()

    sent = [m["body"]["request_id"] for m in tenant.requests("/jobs/9/resubmit")]
    assert len(sent) == 2
    assert sent[0] == sent[1]
    expect(site.page).to_have_url(re.compile(f"#job=job-{sent[0]}$"))
    expect(site.page.get_by_role("heading", level=1)).to_be_focused()
    assert site.page.evaluate("localStorage['ipt.watched-jobs'] ?? '[]'") == "[]"


def test_compiler_messages_lead_to_their_lines(
    site: Any, tenant: Any, open_job: Any
) -> None:
    """Errors come first, with place, option and notes; a click is for the editor."""
    place = {"file": "heat.c", "path": "src/heat.c", "line": 12, "column": 5}
    nowhere = {"file": "", "path": "", "line": None, "column": None}
    warning = {"severity": "warning", "message": "unused variable 'n'", "notes": []}
    error = {"severity": "error", "message": "expected ';' <b>", "option": ""}
    note = place | {"message": "to match this '('", "line": 11}
    tenant.diagnostics = {
        "diagnostics": [
            place | warning | {"option": "-Wunused-variable", "line": 3},
            place | error | {"notes": [note]},
            nowhere | error | {"message": "undefined reference to 'f'", "notes": []},
        ],
        "truncated": False,
    }

    open_job(status="FAILED", exit_code=1, diagnostics_available=True)

    page = site.page
    expect(
        page.get_by_role("heading", name="Compiler: 2 errors, 1 warning")
    ).to_be_visible()
    entries = page.locator(".diagnostic")
    expect(entries.nth(0)).to_contain_text("expected ';' <b>")
    expect(entries.nth(1)).to_contain_text("undefined reference to 'f'")
    expect(entries.nth(2)).to_contain_text("-Wunused-variable")
    link = entries.nth(0).get_by_role("link", name="heat.c:12:5")
    expect(link).to_have_attribute(
        "href", "edit.html#path=src%2Fheat.c&line=12&column=5&job=9"
    )
    expect(entries.nth(0).get_by_role("link", name="heat.c:11:5")).to_be_visible()
    expect(entries.nth(1).get_by_role("link")).to_have_count(0)
    expect(page.get_by_label("Standard error")).to_be_attached()


def test_the_end_of_a_watched_job_is_told_on_any_page(
    site: Any, tenant: Any, open_job: Any, make_job: Any
) -> None:
    """Asked for on the job's page, told on another by a flash and by the browser."""
    site.page.add_init_script(
        "window.notices = [];"
        "window.Notification = class { static permission = 'granted';"
        " static requestPermission = async () => 'granted';"
        " constructor(title, options) { window.notices.push(options.body); } };"
    )
    open_job(status="RUNNING", ended="", can_cancel=True)
    site.page.get_by_role("button", name="Tell me when it ends", exact=True).click()
    expect(site.page.get_by_text("your browser tells you")).to_be_visible()
    expect(
        site.page.get_by_role("button", name="Do not tell me when it ends")
    ).to_be_focused()

    tenant.jobs["9"] = make_job("9", status="FAILED")
    site.open("files.html")

    flash = site.page.get_by_text("Compile heat 00000000 has failed.")
    expect(flash).to_be_visible()
    assert site.page.evaluate("window.notices") == ["Compile heat 00000000 has failed."]
    flash.get_by_role("link", name="Look at it").click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Compile heat")
    assert "ipt.watched-jobs" in site.page.evaluate("Object.keys(localStorage)")
    assert site.page.evaluate("localStorage['ipt.watched-jobs']") == "[]"


def test_nothing_is_asked_of_the_browser_without_a_click(
    site: Any, open_job: Any
) -> None:
    """Permission is asked for by the button only; refused, the flash is still there."""
    site.page.add_init_script(
        "window.asked = 0;"
        "window.Notification = class { static permission = 'denied';"
        " static async requestPermission() { window.asked += 1; return 'denied'; } };"
    )
    open_job(status="RUNNING", ended="", can_cancel=True)
    button = site.page.get_by_role("button", name="Tell me when it ends", exact=True)
    expect(button).to_be_visible()
    assert site.page.evaluate("window.asked") == 0

    button.click()

    expect(site.page.get_by_text("does not allow it to do more")).to_be_visible()
    assert site.page.evaluate("window.asked") == 1
    site.page.get_by_role("button", name="Do not tell me when it ends").click()
    expect(button).to_be_visible()
    assert site.page.evaluate("localStorage['ipt.watched-jobs']") == "[]"
