"""Sending a form: once, whatever happens, and nothing typed is lost."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def fill_compile(form: Any) -> None:
    """Fill in the compile form as a person would."""
    form.field("Compiler command").fill("gcc -fopenmp -O2")
    form.field("Source file").fill("heat.c")
    form.field("Output file").fill("heat")


@pytest.fixture(name="notifications")
def _notifications(site: Any) -> Iterator[None]:
    """Let the site notify, as a person's click on the browser's question would."""
    site.page.context.grant_permissions(["notifications"])
    yield
    site.page.context.clear_permissions()


def test_every_missing_field_is_told_and_the_first_has_the_focus(
    form: Any, tenant: Any
) -> None:
    """An incomplete form is not sent; errors stand next to their fields."""
    form.open("compile.html")
    form.field("Output file").fill("")

    form.button("Compile").click()

    source = form.field("Source file")
    expect(source).to_be_focused()
    expect(source).to_have_attribute("aria-invalid", "true")
    expect(source).to_have_accessible_description(
        "A file of your home. Suggestions come while you type. Source file is needed."
    )
    expect(form.page.get_by_text("Output file is needed.")).to_be_visible()
    assert tenant.requests("/jobs") == []


def test_a_refused_field_is_marked_and_values_are_kept(form: Any, tenant: Any) -> None:
    """What the service says about a field stands next to it; nothing typed is lost."""
    message = "command has a ; in it, which would start a second command."
    body = {"code": "bad_request", "message": message, "details": {"field": "command"}}
    tenant.refusals["POST", "/jobs"] = (400, {"error": body})
    form.open("compile.html")
    fill_compile(form)
    command = form.field("Compiler command")
    command.fill("gcc; rm -rf x")

    form.button("Compile").click()

    told = message.replace("command", "Compiler command", 1)
    expect(form.page.get_by_text(told)).to_be_visible()
    expect(command).to_be_focused()
    expect(form.field("Source file")).to_have_value("heat.c")
    command.fill("gcc")
    expect(form.page.get_by_text(told)).to_have_count(0)


def test_the_same_form_sent_twice_is_one_request(form: Any, tenant: Any) -> None:
    """After a failure in between, the same form goes out under the same request id."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["POST", "/jobs"] = (503, {"error": body})
    form.open("compile.html")
    fill_compile(form)
    send = form.button("Compile")
    send.click()
    expect(form.page.get_by_text("The platform is away.")).to_be_visible()
    form.page.reload()
    send.click()
    expect(form.page.get_by_text("The platform is away.")).to_be_visible()
    form.field("Output file").fill("other")
    send.click()
    expect(send).to_be_enabled()

    ids = [message["body"]["request_id"] for message in tenant.requests("/jobs")]

    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]


def test_a_double_click_is_one_job(form: Any, tenant: Any) -> None:
    """Two presses of the button, and Enter at the same time, send the form once."""
    form.open("compile.html")
    fill_compile(form)

    form.page.evaluate(
        """() => {
          const send = document.querySelector("button[type=submit]");
          send.click();
          send.click();
          document.querySelector("form").requestSubmit();
        }"""
    )

    form.wait_for_job()
    assert len(tenant.requests("/jobs")[:1]) == 1
    assert [call for _, call in tenant.calls if call["path"] == "/jobs"][1:] == []


def test_what_is_typed_outlives_a_reload_and_a_sign_in(
    form: Any, site: Any, tenant: Any
) -> None:
    """The draft lies in the tab; the end of the session costs nothing."""
    site.complaints_allowed = True
    form.open("run.html")
    form.field("Program").fill("jobs/a b/heat")
    form.field("Arguments").fill('"a b" ü;')
    form.page.reload()
    expect(form.field("Arguments")).to_have_value('"a b" ü;')
    tenant.tokens.clear()
    tenant.can_refresh = False
    form.field("Threads").fill("3")
    form.page.wait_for_url("**/index.html#next=run.html")

    tenant.tokens = {"token-1"}
    form.button("Sign in").click()

    form.page.wait_for_url("**/run.html")
    expect(form.field("Program")).to_have_value("jobs/a b/heat")
    expect(form.field("Arguments")).to_have_value('"a b" ü;')
    expect(form.field("Threads")).to_have_value("3")


def test_without_systems_the_form_can_be_asked_for_again(
    form: Any, tenant: Any
) -> None:
    """When the systems cannot be read the page says so and tries again on a click."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["GET", "/systems"] = (503, {"error": body})
    form.open("compile.html")
    expect(form.page.get_by_text("The platform is away.")).to_be_visible()

    tenant.refusals.clear()
    form.button("Try again").click()

    expect(form.field("Source file")).to_be_visible()


def test_the_form_can_be_filled_in_and_sent_by_keys_alone(form: Any) -> None:
    """Tab goes through every field in the order of the page; Enter sends."""
    form.open("run.html")
    form.field("System").focus()
    form.page.keyboard.press("Tab")
    form.page.keyboard.press("Tab")
    expect(form.button("OpenMP")).to_be_focused()
    form.page.keyboard.press("Enter")
    expect(form.button("OpenMP")).to_be_focused()
    expect(form.field("Threads")).to_have_value("4")
    for _ in range(9):
        form.page.keyboard.press("Tab")
        if form.page.evaluate("() => document.activeElement.name") == "binary":
            break
    form.page.keyboard.type("heat")
    form.page.keyboard.press("Enter")

    form.wait_for_job()
    assert form.sent()["binary"] == "heat"


@pytest.mark.usefixtures("notifications")
def test_a_job_is_watched_at_a_persons_wish(
    form: Any, tenant: Any, make_job: Any
) -> None:
    """The wish is remembered, and the job is kept where History looks for it."""
    form.open("compile.html#source=heat.c")
    wish = form.field("Tell me in this browser when it ends")
    expect(wish).not_to_be_checked()
    wish.check()
    form.page.reload()
    expect(wish).to_be_checked()

    expect(form.page.locator("#preview")).to_contain_text("heat.c")
    # A job that goes on, else its end is told at once, and forgotten.
    job = f"job-{tenant.requests('/jobs/preview')[-1]['body']['request_id']}"
    tenant.jobs = {job: make_job(job, status="RUNNING", can_cancel=True)}
    form.button("Compile").click()
    form.wait_for_job()

    kept = form.page.evaluate("() => localStorage.getItem('ipt.watched-jobs')")
    assert [entry["id"] for entry in json.loads(kept)] == [job]


def test_a_browser_that_may_not_notify_says_the_way_out(form: Any) -> None:
    """Without the browser's leave the box does not stay checked."""
    form.open("compile.html")
    wish = form.field("Tell me in this browser when it ends")

    wish.click()

    expect(
        form.page.get_by_text("Allow it in the settings of the site")
    ).to_be_visible()
    expect(wish).not_to_be_checked()


def test_a_failed_run_is_sent_again_with_its_choices(form: Any) -> None:
    """Numbers, launcher, times, memory and webhook of a run are filled in as well."""
    request = {
        "kind": "run",
        "system": "local",
        "binary": "jobs/x/heat",
        "launcher": form.mpirun,
        "args": "100",
        "ranks": 2,
        "threads": 4,
        "queue": "default",
        "nodes": 1,
        "run_time": "00:05:00",
        "memory": "4GB",
        "notify": "https://example.org/done/${JOB_ID}",
        "files": ["a b.txt", "c.txt"],
    }
    values = {
        name: ", ".join(value) if isinstance(value, list) else value
        for name, value in request.items()
    }
    form.open("help.html")
    form.page.evaluate(
        "values => window.location.assign('run.html#' + new URLSearchParams(values))",
        values,
    )

    expect(form.field("Memory on each node")).to_be_visible()
    form.button("Run").click()

    form.wait_for_job()
    assert form.sent() == request


def test_the_webhook_is_folded_away_and_checked(form: Any) -> None:
    """An address that is none opens the part it stands in and has the focus."""
    form.open("compile.html#source=heat.c")
    webhook = form.field("Call a web address when it ends")
    expect(webhook).to_be_hidden()
    form.page.get_by_text("Advanced").click()
    webhook.fill("example.org")
    form.page.get_by_text("Advanced").click()

    form.button("Compile").click()

    expect(webhook).to_be_focused()
    expect(form.page.get_by_text("Write a whole address")).to_be_visible()
    webhook.fill("https://example.org/done")
    form.button("Compile").click()
    form.wait_for_job()
    assert form.sent()["notify"] == "https://example.org/done"


def test_why_a_webhook_is_not_taken_is_told_while_one_types(form: Any) -> None:
    """The field itself says it, not only the list of what the preview waits for."""
    form.open("compile.html#source=heat.c")
    form.page.get_by_text("Advanced").click()
    webhook = form.field("Call a web address when it ends")

    webhook.press_sequentially("http://example.org/")

    told = "It must begin with https, not http"
    expect(form.fault("notify")).to_contain_text(told)
    expect(webhook).to_be_focused()
    hint = form.page.locator("#hint-notify")
    expect(hint).to_contain_text("or http, for this machine itself")


def test_another_program_begins_with_its_own_values(form: Any) -> None:
    """Nothing of the last program goes on to the next; the same one keeps its own."""
    form.open("run.html#binary=jobs/x/heat")
    form.field("Arguments").fill("1000 0.01")
    form.field("Threads").fill("3")
    form.page.get_by_text("Advanced").click()
    form.field("Call a web address when it ends").fill("https://example.org/")

    form.open("help.html")
    form.open("run.html#binary=jobs/x/heat")
    expect(form.field("Arguments")).to_have_value("1000 0.01")
    form.open("help.html")
    form.open("run.html#binary=jobs/y/wave")

    expect(form.field("Program")).to_have_value("jobs/y/wave")
    expect(form.field("Arguments")).to_have_value("")
    expect(form.field("Threads")).to_have_value("1")
    expect(form.field("Call a web address when it ends")).to_have_value("")
