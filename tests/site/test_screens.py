"""Every page in light, dark and narrow: nothing overflows, and a picture of each."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .double.scenes import PAGES, furnish

pytestmark = pytest.mark.needs("chromium")

SCREENS = Path(__file__).resolve().parents[2] / "test-output" / "screens"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"scheme": "light", "width": 1280},
    "dark": {"scheme": "dark", "width": 1280},
    "narrow": {"scheme": "light", "width": 360},
    # A window of 1280 pixels at 200 %.
    "large": {"scheme": "light", "width": 640},
}
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(name="home")
def _home(tenant: Any, make_job: Any) -> None:
    """Give Ada some files and jobs to look at."""
    furnish(tenant, make_job)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_and_is_kept_as_a_picture(site: Any, name: str) -> None:
    """In every look a page has one first heading and does not scroll sideways."""
    address, place, text = PAGES[name]
    if name == "index":
        site.open(address)
    else:
        site.sign_in(address)
    expect(site.page.locator(place)).to_contain_text(text)
    expect(site.page.get_by_role("heading", level=1)).to_have_count(1)
    SCREENS.mkdir(parents=True, exist_ok=True)

    overflow = {}
    for look, settings in LOOKS.items():
        site.page.emulate_media(color_scheme=settings["scheme"])
        site.page.set_viewport_size({"width": settings["width"], "height": 900})
        overflow[look] = site.page.evaluate(OVERFLOW)
        path = SCREENS / f"{name}-{look}.png"
        site.page.screenshot(path=path, full_page=True, animations="disabled")

    assert {look: over for look, over in overflow.items() if over > 0} == {}
