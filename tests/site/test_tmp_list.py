"""Look."""
import pytest
from typing import Any
pytestmark = pytest.mark.needs("chromium")
@pytest.mark.parametrize("width",[360,1280])
def test_look(site: Any, tenant: Any, width: int) -> None:
    """Look."""
    site.complaints_allowed = True
    site.page.set_viewport_size({"width": width, "height": 700})
    site.sign_in("terminal.html")
    site.page.wait_for_timeout(800)
    site.page.evaluate("document.querySelector('#screen-box').hidden=false; document.body.classList.add('with-screen')")
    files=[{"name":f"a{n}.txt","mimeType":"text/plain","buffer":b"x"*n*1000} for n in range(1,7)]
    site.page.locator("#upload-files").set_input_files(files)
    site.page.wait_for_timeout(2500)
    for s in ("[data-clear]",".uploads",".uploads li:last-child",".screen-line","ipt-terminal-files","ipt-file-upload","ipt-terminal-screen"):
        print(width,s,site.page.locator(s).bounding_box())
    site.page.screenshot(path=f"/tmp/term-{width}.png",full_page=True)
