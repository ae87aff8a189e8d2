"""What a form says before it is sent: command, document, curl, warnings."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def fill_compile(form: Any) -> None:
    """Fill in the compile form as a person would."""
    form.field("Compiler command").fill("gcc -fopenmp -O2")
    form.field("Source file").fill("heat.c")
    form.field("Output file").fill("heat")


def test_the_preview_shows_the_exact_command(form: Any) -> None:
    """While one types, the command line that the service would carry out is shown."""
    form.open("compile.html")
    expect(form.page.get_by_text("Waiting for: Source file")).to_be_visible()

    fill_compile(form)
    form.field("Arguments").fill("-lm")

    expect(form.page.locator("#preview")).to_have_text(
        "gcc -fopenmp -O2 heat.c heat -lm"
    )


def test_the_document_and_a_curl_command_can_be_read_and_copied(form: Any) -> None:
    """What the platform gets, and the same from a shell, are one click away."""
    form.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form.open("compile.html#source=heat.c")
    expect(form.page.locator("#preview")).to_contain_text("heat.c")

    form.page.get_by_text("Agave job document").click()
    document = form.page.get_by_role("region", name="Agave job document")
    expect(document).to_contain_text('"name": "ipt-compile-heat-')
    form.page.get_by_text("The same with curl").click()
    form.picture("preview")
    form.button("Copy the curl command").click()

    expect(form.page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    copied = form.page.evaluate("() => navigator.clipboard.readText()")
    form.page.context.clear_permissions()
    assert copied.startswith("curl --data-raw")


def test_a_browser_that_does_not_copy_marks_the_text(form: Any) -> None:
    """Without the permission the text is marked, and the keys are named."""
    form.open("compile.html#source=heat.c")
    copy = form.button("Copy the command")
    expect(copy).to_be_enabled()
    form.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(); }"
    )

    copy.click()

    expect(form.page.get_by_text("The text is marked")).to_be_visible()
    marked = form.page.evaluate("() => String(window.getSelection())")
    assert marked == form.page.locator("#preview").inner_text()


def test_warnings_stand_next_to_their_fields_and_below_the_command(
    form: Any, tenant: Any
) -> None:
    """What is possible and seldom meant is said, and sent all the same."""
    message = "gcc is no MPI compiler such as mpicc."
    tenant.warnings = [
        {"field": "command", "message": message},
        {"field": "other", "message": "Something else."},
    ]
    form.open("compile.html#source=heat.c")

    warnings = form.page.get_by_role("list", name="Warnings")
    expect(warnings.get_by_role("listitem")).to_have_text([message, "Something else."])
    expect(form.page.locator("#caution-command")).to_have_text(message)
    form.picture("warnings")
    tenant.warnings = []
    form.field("Arguments").fill("-lm")
    expect(warnings).to_be_hidden()
    expect(form.page.locator("#caution-command")).to_have_text("")

    form.button("Compile").click()

    form.wait_for_job()


def test_what_the_preview_refuses_is_told_while_one_types(
    form: Any, tenant: Any
) -> None:
    """The service's word on a field, by its label, comes before anything is sent."""
    message = "output has the name of a source file, which it would overwrite."
    body = {"code": "bad_request", "message": message, "details": {"field": "output"}}
    tenant.refusals["POST", "/jobs/preview"] = (400, {"error": body})

    form.open("compile.html#source=heat.c&output=heat.c")

    told = message.replace("output", "Output file", 1)
    expect(form.fault("output")).to_have_text(told)
    expect(form.field("Output file")).to_have_attribute("aria-invalid", "true")
    expect(form.page.locator("#preview")).to_have_text(told)
    tenant.refusals.clear()
    form.field("Output file").fill("heat")
    expect(form.fault("output")).to_have_text("")


def test_a_preview_that_could_not_be_made_is_asked_for_again(
    form: Any, tenant: Any
) -> None:
    """Once the service is back, the command is there without another change."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["POST", "/jobs/preview"] = (502, {"error": body})
    form.page.clock.install()
    form.open("compile.html#source=heat.c")
    form.page.clock.run_for(1_000)
    expect(form.page.locator("#preview")).to_have_text(body["message"])

    tenant.refusals.clear()
    form.page.clock.run_for(6_000)

    expect(form.page.locator("#preview")).to_contain_text("heat.c")


def test_that_there_is_a_command_is_read_aloud_and_not_each_version(form: Any) -> None:
    """While one types, a screen reader hears of the change from none to one only."""
    form.open("compile.html")
    ready = form.page.locator("#ready")
    expect(ready).to_have_text("There is no command yet.")
    expect(ready).to_have_role("status")

    form.field("Source file").fill("heat.c")

    expect(ready).to_have_text("The command is ready.")
    command = form.page.get_by_role("region", name="Command", exact=True)
    expect(command).to_contain_text("heat.c")
    expect(command).not_to_have_attribute("aria-live", "polite")
