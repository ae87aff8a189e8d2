"""Folders that are copied to a storage system."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_deploy.errors import ManifestError
from agave_deploy.planning.folders import (
    differences,
    media_type,
    read_digests,
    read_site_folder,
    write_digests,
)
from agave_deploy.profiles.profile import Profile

DIGESTS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8))


def test_site_folder(checkout: Path, profile: Profile) -> None:
    """The site is what a browser loads, and the config that is written for it."""
    folder = read_site_folder(checkout / "static_site", profile, "config")

    assert sorted(folder.files) == [
        "config.js",
        "index.html",
        "lib/api.js",
        "vendor/xterm.LICENSE",
        "vendor/xterm.js",
    ]
    assert (folder.system, folder.path, folder.public) == ("ipt.site", "site", True)


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (["index.html"], "no index.html"),
        (["vendor/xterm.js", "vendor/xterm.LICENSE"], "npm ci"),
    ],
)
def test_site_folder_incomplete(
    checkout: Path, profile: Profile, gone: list[str], reason: str
) -> None:
    """A site that could not work is not copied."""
    for name in gone:
        (checkout / "static_site" / name).unlink()

    with pytest.raises(ManifestError, match=reason):
        read_site_folder(checkout / "static_site", profile, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.js", "text/javascript"),
        ("index.html", "text/html"),
        ("x.woff2", "font/woff2"),
        ("x.png", "image/png"),
        ("xterm.LICENSE", "text/plain"),
    ],
)
def test_media_type(name: str, expected: str) -> None:
    """Every kind of file that a site has gets its own type."""
    assert media_type(name) == expected


def test_differences_pages_last() -> None:
    """Pages are written when all that they load is there."""
    changed, removed = differences({"a.html": "1", "z.js": "1"}, {"old.js": "1"})

    assert (changed, removed) == (("z.js", "a.html"), ("old.js",))


@given(DIGESTS, DIGESTS)
def test_differences_lead_from_one_to_the_other(
    wanted: dict[str, str], found: dict[str, str]
) -> None:
    """Writing and deleting what differs makes the one of the other."""
    changed, removed = differences(wanted, found)

    result = found | {name: wanted[name] for name in changed}
    for name in removed:
        del result[name]
    assert result == wanted


@given(DIGESTS)
def test_digests_round_trip(digests: dict[str, str]) -> None:
    """What is written to a manifest file is read back."""
    assert read_digests(write_digests(digests)) == digests


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"files": 1}', b"\xff"])
def test_digests_damaged(content: bytes | None) -> None:
    """A missing or damaged manifest file says nothing, so that all is written."""
    assert read_digests(content) == {}
