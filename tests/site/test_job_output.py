"""What a job printed, in Chromium: its end, its beginning, and as text only."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")

PIECE = 65_536


@pytest.fixture(name="open_job")
def _open_job(site: Any, tenant: Any, make_job: Any) -> Callable[..., None]:
    """Open the page of job 9 as it is described."""

    def open_job(**changes: Any) -> None:
        tenant.jobs = {"9": make_job("9", **changes)}
        site.sign_in("history.html#job=9")

    return open_job


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


def test_a_long_output_opens_at_its_end(site: Any, tenant: Any, open_job: Any) -> None:
    """The last part is shown; the parts before it come when asked for, unbroken."""
    text = "".join(f"{n:6d} größer\n" for n in range(30_000))
    tenant.texts = {"out": text}
    open_job()
    output = site.page.get_by_label("Standard output")
    expect(output).to_contain_text("29999 größer")
    assert len(output.text_content()) <= 4 * PIECE
    assert output.evaluate("e => e.scrollTop + e.clientHeight >= e.scrollHeight - 1")
    assert text.endswith(output.text_content())

    earlier = site.page.get_by_role("button", name="Load earlier").first
    earlier.click()
    expect(earlier).to_be_enabled()
    shown = output.text_content()
    assert 3 * PIECE < len(shown) < len(text)
    assert text.endswith(shown)
    for _ in range(3):
        length = len(output.text_content())
        earlier.click()
        site.page.wait_for_function(
            "n => document.querySelector('pre').textContent.length > n", arg=length
        )

    expect(earlier).to_be_hidden()
    assert output.text_content() == text
    expect(output).to_be_focused()


def test_the_output_is_followed_unless_one_reads_further_up(
    site: Any, tenant: Any, open_job: Any
) -> None:
    """Scrolling up lets go of the end; ticking Follow goes there and stays there."""
    tenant.texts = {"out": "".join(f"step {n}\n" for n in range(300))}
    open_job(status="RUNNING", ended="", can_cancel=True)
    output = site.page.get_by_label("Standard output")
    follow = site.page.get_by_label("Follow").first
    at_end = "e => e.scrollTop + e.clientHeight >= e.scrollHeight - 8"
    expect(output).to_contain_text("step 299")
    assert output.evaluate(at_end)

    output.evaluate("e => { e.scrollTop = 0; }")
    expect(follow).not_to_be_checked()
    tenant.texts["out"] += "step 300\n"
    expect(output).to_contain_text("step 300")
    assert output.evaluate("e => e.scrollTop") == 0
    follow.check()

    assert output.evaluate(at_end)


def test_a_hidden_page_asks_nothing(site: Any, tenant: Any, open_job: Any) -> None:
    """While another tab is looked at, the job is not asked for."""
    open_job(status="RUNNING", ended="", can_cancel=True)
    expect(site.page.get_by_role("status").filter(has_text="RUNNING")).to_be_visible()
    site.page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { value: true }); }"
    )
    site.page.wait_for_timeout(1500)
    count = len(tenant.calls)

    site.page.wait_for_timeout(2500)

    assert len(tenant.calls) == count
