"""The site in a browser, with a double of the tenant that answers contract frames.

The double (`double/`) keeps just enough state for a page to be true to itself.  That
the real functions answer so is the business of the functional and end-to-end tests.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from .double.samples import example_job
from .double.server import ROOT, Handler
from .double.tenant import Tenant


@pytest.fixture(scope="session", name="origin")
def _origin() -> Iterator[str]:
    """Serve the site once for all tests, so that the browser may keep its files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(name="tenant")
def _tenant(origin: str) -> Tenant:
    """Put a fresh double behind the site."""
    Handler.tenant = Tenant(origin=origin)
    return Handler.tenant


@pytest.fixture(scope="session", name="context")
def _context(browser: Browser) -> Iterator[BrowserContext]:
    """Share one browser profile, which keeps the site's files but nothing else."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        accept_downloads=True,
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(5_000)
    yield context
    context.close()


@dataclass
class Site:
    """Somebody at the site; every complaint of the browser fails the test."""

    page: Page
    tenant: Tenant
    complaints: list[str]
    complaints_allowed: bool = False

    def open(self, page: str) -> None:
        """Go to a page of the site."""
        self.page.goto(f"{self.tenant.origin}{ROOT}/{page}")

    def sign_in(self, page: str) -> None:
        """Sign in as Ada, without the walk through the sign-in page.

        She is an administrator where it is the administrators' page.
        """
        session = {
            "accessToken": "token-1",
            "expiresAt": 4_102_444_800_000,
            "username": "ada",
            "fullName": "Ada Lovelace",
            "session": "session-1",
            "isAdmin": page.startswith("admin.html"),
        }
        # Once: whoever signs out later stays signed out.
        self.page.add_init_script(
            "if (!sessionStorage.getItem('once')) { sessionStorage.setItem('once', 1);"
            f"sessionStorage.setItem('ipt.session', {json.dumps(json.dumps(session))})"
            "}"
        )
        self.open(page)


@pytest.fixture(name="site")
def _site(context: BrowserContext, tenant: Tenant) -> Iterator[Site]:
    """Open the site; afterwards the console and the policy must be silent."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} ({message.location})")
            if message.type in {"error", "warning"}
            else None
        ),
    )
    # The tab's own storage is as new as the tab; the profile's is another test's.
    storage = {"origin": tenant.origin, "storageTypes": "all"}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", storage)
    site = Site(page, tenant, complaints)
    yield site
    for opened in context.pages:
        opened.close()
    assert site.complaints_allowed or complaints == []


@pytest.fixture(name="make_job")
def _make_job() -> Callable[..., dict[str, Any]]:
    """Make jobs as the service answers them."""
    return example_job
