"""What holds for the site's files as they lie there."""

import json
import re
import subprocess
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "static_site"
PAGES = sorted(SITE.glob("*.html"))
OURS = sorted(
    path
    for path in SITE.rglob("*")
    if path.suffix in {".html", ".js", ".mjs", ".css", ".svg"}
    and not {"node_modules", "vendor"} & set(path.relative_to(SITE).parts)
    and path.name not in {"config.js", "config.example.js"}
)
ADDRESS = re.compile(r"\b(?:https?|wss?)://[^\s\"'`*;]+")
# The names of XML vocabularies, and this machine in the content policy.
HARMLESS = {"http://www.w3.org/2000/svg", "ws://127.0.0.1:", "ws://localhost:"}


@pytest.mark.needs("node")
def test_the_modules_in_lib_do_what_they_say() -> None:
    """`node --test` passes."""
    tests = sorted(Path(__file__).parent.glob("*.test.mjs"))

    done = subprocess.run(
        ["node", "--test", *tests],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.returncode == 0, done.stdout[-8000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_has_the_strict_policy(page: Path) -> None:
    """Scripts, styles and pictures come from the site itself, and nothing is inline."""
    text = page.read_text()
    found = re.search(r'Content-Security-Policy"\s+content="([^"]+)"', text)
    assert found is not None
    policy = dict(part.strip().split(" ", 1) for part in found[1].split(";"))

    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src")} == {
        "'self'"
    }
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in found[1]
    # A policy says nothing about what stands before it.
    assert text.index("Content-Security-Policy") < text.index("<link")
    for inline in ("<style", " style=", " onclick=", "javascript:"):
        assert inline not in text
    assert all('src="' in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_has_its_language_title_and_landmarks(page: Path) -> None:
    """A page names its language and itself, and has a main part to skip to."""
    text = page.read_text()

    assert '<html lang="en">' in text
    assert re.search(r"<title>[^<]*IPT on the Web</title>", text)
    assert text.count('<main id="main" tabindex="-1"') == 1
    assert "<noscript>" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_address_in_a_page_is_relative_and_there(page: Path) -> None:
    """The site lies in a folder of Agave storage, so no address begins at the root."""
    for address in re.findall(r'(?:href|src)="([^"#]+)', page.read_text()):
        assert not address.startswith("/")
        assert (SITE / address).is_file() or address.startswith("vendor/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_has_words_before_its_scripts_are_there(page: Path) -> None:
    """On a slow line a page has its heading and says that it comes."""
    main = page.read_text().partition("<main")[2].partition("</main>")[0]
    main = re.sub(r"<noscript>.*?</noscript>", "", main, flags=re.DOTALL)

    assert main.count("<h1>") == 1
    assert "<p" in main


def test_no_file_but_the_configuration_knows_an_address() -> None:
    """Nothing of the site names a host: moving it means another config.js."""
    found = {
        f"{path.name}: {address}"
        for path in OURS
        for address in ADDRESS.findall(path.read_text())
        if address not in HARMLESS
    }

    assert found == set()


def test_the_pages_promise_what_this_version_does() -> None:
    """The front page speaks of OpenMP; Help says what is not available yet."""
    front = (SITE / "index.html").read_text()
    helped = " ".join((SITE / "help.html").read_text().split())

    assert "OpenMP" in front
    assert not re.search("MPI|CUDA", front.replace("OpenMP", ""))
    assert "This version writes OpenMP only." in helped
    assert "MPI and CUDA are not available yet" in helped


def test_components_are_short_and_say_how_they_are_used() -> None:
    """A component's folder bears its name, and its file begins with its purpose."""
    for path in SITE.glob("components/*/*.js"):
        text = path.read_text()

        assert text.startswith("// ")
        assert len(text.splitlines()) <= 250


def test_the_lock_file_names_no_registry() -> None:
    """Dependencies are pinned by digest; where they come from is npm's setting."""
    text = (SITE / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    assert "resolved" not in text
    assert all(
        entry["integrity"].startswith("sha512-")
        for name, entry in packages.items()
        if name
    )


def read_colours(scheme: str) -> dict[str, str]:
    """Return the colours of a scheme by name."""
    light, dark = (SITE / "styles" / "variables.css").read_text().split("@media")
    pattern = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    colours = dict(pattern.findall(light))
    return colours if scheme == "light" else colours | dict(pattern.findall(dark))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_controls_have_enough_contrast(scheme: str) -> None:
    """Text has 4.5 to 1 on everything it stands on; borders and focus have 3 to 1."""
    colours = read_colours(scheme)
    texts = {
        (text, ground)
        for text in ("text", "muted", "accent")
        for ground in ("page", "surface", "surface-2")
    }
    texts |= {(tone, f"{tone}-soft") for tone in ("good", "bad", "busy", "accent")}
    texts |= {("bad", "page"), ("bad", "surface"), ("on-accent", "accent")}
    texts |= {("text", f"{tone}-soft") for tone in ("good", "bad", "accent")}
    texts |= {("on-accent", "accent-hover")}
    lines = {(line, "surface") for line in ("line-strong", "focus", "good", "busy")}
    lines |= {("line-strong", "page"), ("focus", "page")}

    weak = {
        f"{one} on {other}"
        for pairs, least in ((texts, 4.5), (lines, 3.0))
        for one, other in pairs
        if contrast(colours[one], colours[other]) < least
    }

    assert weak == set()
