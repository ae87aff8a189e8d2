"""Every page, checked by axe-core: the rules of WCAG that a program can see.

What needs a person (is it said well, is the order right) is no part of it.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from .double.scenes import PAGES, furnish

AXE: Final = (
    Path(__file__).resolve().parents[2] / "static_site/node_modules/axe-core/axe.min.js"
)
pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.skipif(
        not AXE.exists(), reason="npm ci in static_site brings axe-core"
    ),
]

# Nothing is fetched by the check, and only what is wrong comes back.
RUN: Final = """async () => {
  const options = { preload: false, resultTypes: ["violations"] };
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, impact, nodes }) => [impact, id, nodes[0].html]);
}"""
GRAVE: Final = {"serious", "critical"}
LOOKS: Final = (("light", 1280), ("dark", 360))
MORE: Final = {
    "edit": ("edit.html#path=heat.c", "#state", "Everything is saved."),
    "edit-nothing": ("edit.html", "#state", "Which file?"),
    "no-such-job": ("history.html#job=99", "#sentence", "It may have been removed"),
    "no-job-fits": ("history.html#search=nothing", "#none", "No job fits."),
    "return": ("callback.html", "main", "Sign in again"),
}
Check = Callable[[], None]


@pytest.fixture(name="check")
def _check(site: Any, tenant: Any, make_job: Any) -> Check:
    """Give Ada something to look at, and a check of the page that is open."""
    furnish(tenant, make_job)
    # The check itself tries inline styles, which the pages refuse and complain about.
    site.complaints_allowed = True

    def check() -> None:
        found = []
        site.page.evaluate(AXE.read_text())
        for scheme, width in LOOKS:
            # Without motion, no colour is on its way from one scheme to the other.
            site.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            site.page.set_viewport_size({"width": width, "height": 900})
            found += [
                (scheme, width, *violation)
                for violation in site.page.evaluate(RUN)
                if violation[0] in GRAVE
            ]

        assert found == []

    return check


@pytest.mark.parametrize("name", [*PAGES, *MORE])
def test_a_page_has_no_grave_violation(site: Any, check: Check, name: str) -> None:
    """In light, and in dark on a phone, nothing serious or critical is found."""
    address, place, text = (PAGES | MORE)[name]
    if name in {"index", "return"}:
        site.open(address)
    else:
        site.sign_in(address)
    expect(site.page.locator(place)).to_contain_text(text)

    check()


@pytest.mark.parametrize("page", ["compile", "run", "compare"])
def test_a_form_with_faults_has_no_grave_violation(
    site: Any, check: Check, page: str
) -> None:
    """Faults that stand next to their fields can be seen and are tied to them."""
    site.sign_in(f"{page}.html")
    send = site.page.locator("button[type=submit]")
    expect(send).to_be_visible()
    site.page.get_by_text("Advanced").click()
    site.page.get_by_label("Call a web address").fill("nowhere")

    send.click()

    expect(site.page.locator("[aria-invalid=true]")).not_to_have_count(0)
    check()


def test_a_question_has_no_grave_violation(site: Any, check: Check) -> None:
    """A dialog over a job is checked as well."""
    site.sign_in("history.html#job=9")
    site.page.get_by_role("button", name="Cancel", exact=True).click()
    expect(site.page.get_by_role("dialog")).to_be_visible()

    check()


def test_messages_have_no_grave_violation(site: Any, tenant: Any, check: Check) -> None:
    """An alert over the list is checked as well."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["GET", "/jobs"] = (502, {"error": body})
    site.sign_in("history.html")
    expect(site.page.get_by_role("alert")).to_contain_text(re.compile("away"))

    check()
