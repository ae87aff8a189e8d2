"""Signing in and out in Chromium, and what happens when the session ends."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


def test_sign_in_goes_through_the_platform_and_back(site: Any, tenant: Any) -> None:
    """The button leads to the sign-in page, back with a code, and on to Terminal."""
    site.open("index.html")

    site.page.get_by_role("button", name="Sign in").click()

    expect(site.page.get_by_role("heading", name="Terminal")).to_be_visible()
    expect(site.page.get_by_text("Signed in as ada")).to_be_visible()
    sent = tenant.requests("/sessions")[0]["body"]
    assert sent == {"code": "code-1", "state": "state-1"}
    assert "code-1" not in site.page.evaluate("() => JSON.stringify(history.state)")


def test_the_tabs_are_there_and_tell_where_one_is(site: Any) -> None:
    """All seven tabs are links, and the open one is marked as the current page."""
    site.sign_in("files.html")

    nav = site.page.get_by_role("navigation", name="Main")
    names = nav.get_by_role("link").all_inner_texts()
    current = nav.locator("[aria-current=page]")

    assert names == [
        *("Terminal", "Compile", "Run", "Compare", "History", "Files", "Help")
    ]
    expect(current).to_have_text("Files")


def test_a_return_without_a_sign_in_is_refused(site: Any, tenant: Any) -> None:
    """A code that arrives in a tab that began no sign-in is not traded."""
    site.open("callback.html?code=code-1&state=state-1")

    alert = site.page.get_by_role("alert").filter(has_text="does not belong")
    expect(alert).to_be_visible()
    expect(site.page.get_by_role("link", name="Back to the start")).to_be_visible()
    assert tenant.requests("/sessions") == []


def test_a_refused_sign_in_is_told(site: Any, tenant: Any) -> None:
    """What the function says about a failed sign-in is shown."""
    body = {"code": "bad_request", "message": "The code was used already."}
    tenant.refusals["POST", "/sessions"] = (400, {"error": body})
    site.open("index.html")

    site.page.get_by_role("button", name="Sign in").click()

    expect(site.page.get_by_text("The code was used already.")).to_be_visible()


def test_a_page_needs_a_session(site: Any) -> None:
    """Without a session a page leads to sign-in, and from there to that page."""
    site.open("history.html")
    button = site.page.get_by_role("button", name="Sign in")
    expect(button).to_be_visible()

    button.click()

    expect(site.page.get_by_role("heading", name="History")).to_be_visible()


def test_an_expired_token_is_renewed_unseen(site: Any, tenant: Any) -> None:
    """The page works on with a new token; the person sees nothing of it."""
    tenant.tokens = set()
    site.complaints_allowed = True
    site.sign_in("history.html")

    expect(site.page.get_by_text("No jobs yet.")).to_be_visible()
    assert len(tenant.requests("/sessions/refresh")) == 1


def test_an_ended_session_keeps_what_was_typed(site: Any, tenant: Any) -> None:
    """When even renewal fails: sign in again, and the form is as it was left."""
    site.complaints_allowed = True
    site.sign_in("compile.html")
    site.page.get_by_label("Source file").fill("src/heat.c")
    site.page.get_by_label("Output file").fill("heat")
    tenant.tokens, tenant.can_refresh = set(), False

    site.page.get_by_role("button", name="Compile").click()

    expect(site.page.get_by_text("Your session has ended.")).to_be_visible()
    tenant.tokens = {"token-1"}
    site.page.get_by_role("button", name="Sign in").click()
    expect(site.page.get_by_label("Source file")).to_have_value("src/heat.c")
    expect(site.page.get_by_label("Output file")).to_have_value("heat")


def test_sign_out_ends_the_session_on_both_sides(site: Any, tenant: Any) -> None:
    """Sign out tells the service, forgets the token, and says that it is done."""
    site.sign_in("help.html")

    site.page.get_by_role("button", name="Sign out").click()

    expect(site.page.get_by_text("You are signed out.")).to_be_visible()
    message = tenant.requests("/sessions")[0]
    assert (message["method"], message["body"]) == ("DELETE", {"session": "session-1"})
    assert site.page.evaluate("() => sessionStorage.getItem('ipt.session')") is None


def test_the_skip_link_is_first_and_works(site: Any) -> None:
    """The first Tab reaches the skip link, which puts the focus on the content."""
    site.sign_in("help.html")

    site.page.keyboard.press("Tab")
    expect(site.page.get_by_role("link", name="Skip to content")).to_be_focused()
    site.page.keyboard.press("Enter")

    expect(site.page.locator("#main")).to_be_focused()


def test_the_policy_refuses_foreign_script_and_inline_style(site: Any) -> None:
    """Markup that slipped in could neither run a script nor style the page."""
    site.complaints_allowed = True
    site.open("help.html")

    blocked = site.page.evaluate(
        """async () => {
          const blocked = [];
          document.addEventListener("securitypolicyviolation",
            (event) => blocked.push(event.effectiveDirective));
          const script = document.createElement("script");
          try { script.textContent = "window.ran = 1"; } catch { blocked.push("tt"); }
          const style = document.createElement("style");
          style.textContent = "body { display: none }";
          document.head.append(style);
          try { document.body.innerHTML += "<b>x</b>"; } catch { blocked.push("tt"); }
          await new Promise((resolve) => setTimeout(resolve, 100));
          return [...new Set(blocked), String(window.ran)].sort();
        }"""
    )

    expected = ["require-trusted-types-for", "style-src-elem", "tt", "undefined"]
    assert blocked == expected
