"""Files between the person's machine and the shell's folder."""

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("server")]

DROP = """([names, event]) => {
  const dataTransfer = new DataTransfer();
  for (const name of names) {
    dataTransfer.items.add(new File([`content of ${name}`], name));
  }
  const options = { dataTransfer, bubbles: true, cancelable: true };
  document.querySelector("ipt-terminal-screen .xterm-screen").dispatchEvent(
    new DragEvent(event, options));
}"""


def go_to(shell: Any, address: str) -> None:
    """Say where the shell is, as its prompt does."""
    shell.type(f"printf '\\e]7;%s\\a' '{address}'; echo we''nt")
    shell.wait_for("\nwent")


def offer(path: str) -> str:
    """Return the command that offers a file, as `ipt-download` does."""
    code = base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")
    return f"printf '\\e]7337;download={code}\\a'"


def drop(site: Any, *names: str) -> None:
    """Drop files onto the terminal."""
    site.page.evaluate(DROP, [list(names), "drop"])


def test_dropped_files_go_into_the_folder_of_the_shell(
    site: Any, tenant: Any, open_shell: Any, screens: Path
) -> None:
    """The drop says where files will go, and each one says that it has arrived."""
    shell = open_shell()
    go_to(shell, "file://localhost/home/ipt/src%20x")

    site.page.evaluate(DROP, [["a.c"], "dragenter"])
    expect(
        site.page.get_by_text("Drop files to upload them into ~/src x")
    ).to_be_visible()
    site.page.screenshot(path=screens / "terminal-drop.png")
    site.page.evaluate(DROP, [["a.c"], "dragleave"])
    expect(site.page.get_by_text("Drop files to upload")).to_be_hidden()
    drop(site, "a.c", "b.c")

    expect(site.page.get_by_text("uploaded", exact=True)).to_have_count(2)
    expect(site.page.get_by_text("to ~/src x", exact=True)).to_have_count(2)
    assert tenant.files["src x/a.c"] == b"content of a.c"
    assert tenant.files["src x/b.c"] == b"content of b.c"
    site.page.screenshot(path=screens / "terminal-uploaded.png")
    shell.button("Close list").click()
    expect(site.page.get_by_text("uploaded", exact=True)).to_have_count(0)


@pytest.mark.parametrize("place", ["file://localhost/tmp", "file://far/home/ipt/src"])
def test_outside_the_home_files_go_into_the_home(
    site: Any, tenant: Any, open_shell: Any, place: str
) -> None:
    """Neither a folder elsewhere nor another machine's is taken for one of the home."""
    shell = open_shell()
    go_to(shell, place)

    drop(site, "a.c")

    expect(site.page.get_by_text("uploaded", exact=True)).to_be_visible()
    assert "a.c" in tenant.files


def test_the_button_uploads_what_is_chosen(
    site: Any, tenant: Any, open_shell: Any
) -> None:
    """Upload opens the browser's own choice of files, by the keyboard, too."""
    # Asked for early: a choice that comes before is lost.
    site.page.on("filechooser", lambda _: None)
    shell = open_shell()
    shell.button("Upload").focus()
    with site.page.expect_file_chooser() as chooser:
        site.page.keyboard.press("Enter")
    file = {"name": "c.c", "mimeType": "text/plain", "buffer": b"int c;"}
    chooser.value.set_files([file])

    expect(site.page.get_by_text("uploaded", exact=True)).to_be_visible()
    assert tenant.files["c.c"] == b"int c;"


def test_a_file_that_is_there_is_replaced_only_after_a_yes(
    site: Any, tenant: Any, open_shell: Any
) -> None:
    """What exists is named; it may be left out while the others go."""
    tenant.files = {"a.c": b"old"}
    open_shell()

    drop(site, "a.c", "new.c")
    dialog = site.page.get_by_role("dialog", name="Replace a.c?")
    dialog.get_by_role("button", name="Leave out").click()
    expect(site.page.get_by_text("uploaded", exact=True)).to_have_count(1)
    assert tenant.files == {"a.c": b"old", "new.c": b"content of new.c"}

    drop(site, "a.c")
    dialog.get_by_role("button", name="Replace").click()
    expect(site.page.get_by_text("uploaded", exact=True)).to_have_count(1)
    assert tenant.files["a.c"] == b"content of a.c"


def test_a_folder_is_named_as_not_taken(site: Any, open_shell: Any) -> None:
    """A dropped folder is refused with the way out."""
    open_shell()
    site.page.evaluate(
        """() => {
          const entry = { isDirectory: true, name: "project" };
          const item = { kind: "file", webkitGetAsEntry: () => entry };
          const event = new Event("drop", { bubbles: true, cancelable: true });
          event.dataTransfer = { types: ["Files"], items: [item], files: [] };
          document.querySelector("ipt-terminal-screen").dispatchEvent(event);
        }"""
    )

    expect(site.page.get_by_text("Folders are not taken: project/.")).to_be_visible()


def test_an_offered_file_is_downloaded_after_a_click(
    site: Any, tenant: Any, open_shell: Any, tmp_path: Path, screens: Path
) -> None:
    """Nothing is fetched by itself; Download saves it, and the offer is gone."""
    tenant.files = {"src/heat_omp.c": b"int omp;"}
    shell = open_shell()
    shell.type(offer("src/heat_omp.c"))
    expect(site.page.get_by_text("The terminal offers src/heat_omp.c.")).to_be_visible()
    assert tenant.requests("/downloads") == []
    site.page.screenshot(path=screens / "terminal-offer.png")

    with site.page.expect_download() as download:
        shell.button("Download src/heat_omp.c").click()

    saved = tmp_path / "saved"
    download.value.save_as(saved)
    assert saved.read_bytes() == b"int omp;"
    expect(site.page.get_by_text("The terminal offers")).to_have_count(0)


def test_an_offer_can_be_dismissed_and_is_not_made_again_by_a_reload(
    site: Any, tenant: Any, open_shell: Any
) -> None:
    """Old output offers nothing when it is shown again."""
    shell = open_shell()
    shell.type(offer("a.c"))
    shell.button("Dismiss a.c").click()
    expect(site.page.get_by_text("The terminal offers")).to_have_count(0)
    shell.type(f"{offer('b.c')}; echo off''ered")
    shell.wait_for("\noffered")
    expect(site.page.get_by_text("The terminal offers b.c.")).to_be_visible()

    site.page.reload()
    shell.wait_for("\noffered")

    expect(site.page.get_by_text("The terminal offers")).to_have_count(0)
    assert tenant.requests("/downloads") == []


def test_hostile_offers_are_dropped_or_shown_as_they_are(
    site: Any, open_shell: Any
) -> None:
    """Paths out of the home are none; a name that hides its end is spelled out."""
    shell = open_shell()
    bad = ["../x", "/etc/passwd", "a\nb", ""]
    good = ["report\u202efdp.exe", "<b>x</b>", "c", "d", "e"]
    shell.type("; ".join(map(offer, [*bad, *good])) + "; echo do''ne")
    shell.wait_for("\ndone")

    offers = site.page.locator(".offer")
    expect(offers).to_have_count(3)
    expect(offers.nth(0)).to_contain_text("report\\u{202E}fdp.exe")
    expect(offers.nth(1)).to_contain_text("<b>x</b>")
    expect(site.page.get_by_text("2 more offered")).to_be_visible()


def test_an_upload_that_is_refused_says_why_and_can_be_repeated(
    site: Any, tenant: Any, open_shell: Any
) -> None:
    """Each file has its own fault, and its own second try."""
    body = {"code": "conflict", "message": "There is a folder of that name."}
    tenant.refusals["POST", "/uploads"] = (409, {"error": body})
    shell = open_shell()
    drop(site, "a.c")
    expect(site.page.get_by_text("There is a folder of that name.")).to_be_visible()

    tenant.refusals.clear()
    shell.button("Try again").click()

    expect(site.page.get_by_text("uploaded", exact=True)).to_be_visible()
    assert "a.c" in tenant.files
