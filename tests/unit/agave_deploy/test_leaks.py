"""A search finds a secret in each form, and shows it nowhere."""

import base64
import io
import json
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_deploy.supply.leaks import Leak, Search, to_forms

PASSWORD = 'p/ss "wörd"+0123456789'
KEY = "-----BEGIN KEY-----\n" + "\n".join("abcdefghij+/" * 5 for _ in range(2)) + "\n"
SEARCH = Search({"password": PASSWORD, "key": KEY})


def _forms(found: list[Leak]) -> set[tuple[str, str]]:
    return {(leak.secret, leak.form) for leak in found}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"before {PASSWORD} after", "plain"),
        (base64.b64encode(f"ipt:{PASSWORD}".encode()).decode(), "base64"),
        (base64.urlsafe_b64encode(f"x{PASSWORD}x".encode()).decode(), "base64"),
        (f"https://example.org/?p={quote(PASSWORD, safe='')}", "address"),
        (f"p={quote(PASSWORD, safe='').lower()}", "address"),
        (json.dumps({"p": PASSWORD}), "JSON"),
        (json.dumps(json.dumps({"p": PASSWORD})), "JSON"),
        (json.dumps({"p": PASSWORD}).replace("/", "\\/"), "JSON"),
        (PASSWORD.encode().hex(), "hex"),
        (PASSWORD.encode().hex().upper(), "hex"),
    ],
)
def test_forms_of_a_password(text: str, form: str) -> None:
    """Each form that a password takes on its way is found, and named."""
    assert ("password", form) in _forms(SEARCH.in_text(text, "here"))


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        KEY.replace("\n", "\n    "),
        repr(KEY),
        KEY.splitlines()[1],
        base64.b64encode(KEY.encode()).decode(),
    ],
)
def test_forms_of_a_key(text: str) -> None:
    """A key is found by each of its lines, however they are laid out."""
    found = SEARCH.in_text(text, "here")

    assert {leak.secret for leak in found} == {"key"}


@given(st.binary(max_size=7), st.binary(max_size=7))
def test_base64_wherever_it_stands(before: bytes, after: bytes) -> None:
    """A secret in base64 is found whatever was encoded together with it."""
    whole = base64.b64encode(before + PASSWORD.encode() + after)

    assert ("password", "base64") in _forms(SEARCH.in_bytes(whole, "here"))


def test_keys_that_begin_alike() -> None:
    """What two keys have in common is not what is secret of either."""
    begin = "the same for all keys of one kind"
    one, other = f"{begin}\n{'1a' * 20}\n", f"{begin}\n{'2b' * 20}\n"
    search = Search({"one": one, "other": other})

    assert {leak.secret for leak in search.in_text(one, "here")} == {"one"}
    assert search.in_text(begin, "here") == []


def test_nothing_there() -> None:
    """What looks alike but is none is not found; nor are the dashes of a key."""
    text = f"{PASSWORD[:-1]}\n-----BEGIN KEY-----\n{KEY[20:40]}"

    assert SEARCH.in_text(text, "here") == []


def test_allowed() -> None:
    """A secret where it belongs is no leak; others still are."""
    found = SEARCH.in_text(f"{PASSWORD} {KEY}", "the terminal", allowed={"key"})

    assert _forms(found) == {("password", "plain")}
    assert SEARCH.names == {"password", "key"}


def test_leak_shows_no_secret() -> None:
    """A leak says what and where, and nothing of the value."""
    (leak,) = SEARCH.in_text(PASSWORD, "the log")

    assert str(leak) == "password (plain) in the log"
    assert PASSWORD not in repr(leak)


def test_short_secret() -> None:
    """A secret that would be found everywhere is refused, without its value."""
    with pytest.raises(ValueError, match="secret pin is too short") as refused:
        Search({"pin": "1234"})

    assert "1234" not in str(refused.value)


def test_across_parts_of_a_stream() -> None:
    """A secret that lies across two parts of a long file is found."""
    parts = io.BytesIO(b"x" * ((1 << 22) - 5) + PASSWORD.encode() + b"y" * 99)

    assert len(SEARCH.in_stream(parts, "a long file")) == 1


def test_patterns_for_grep(tmp_path: Path) -> None:
    """What grep finds by the patterns is known again, and no secret is shown."""
    (tmp_path / "patterns").write_bytes(SEARCH.patterns)
    key = base64.b64encode(f"x{KEY}".encode())
    content = bytes(range(256)) * 99 + PASSWORD.encode() + b"\xff\n" + key
    (tmp_path / "program").write_bytes(content)

    done = subprocess.run(
        ["grep", "-aoFf", tmp_path / "patterns", tmp_path / "program"],
        capture_output=True,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        check=True,
    )

    found = SEARCH.identify(done.stdout, "a program")
    assert _forms(found) == {("password", "plain"), ("key", "base64")}
    assert SEARCH.identify(b"", "nothing") == []


def test_folder(tmp_path: Path) -> None:
    """Names, contents and targets of links are looked at; what is left out is not."""
    hexed = PASSWORD.encode().hex()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/kept").write_text(PASSWORD)
    (tmp_path / "job").mkdir()
    (tmp_path / "job/out").write_text(PASSWORD)
    (tmp_path / f"job/{hexed}").write_text("")
    (tmp_path / "job/link").symlink_to(hexed)

    found = SEARCH.in_folder(tmp_path, left_out=[tmp_path / "secrets"])

    assert sorted(map(str, found)) == [
        f"password (hex) in the name job/{hexed}",
        "password (hex) in the name job/link",
        "password (plain) in job/out",
    ]


def test_forms_of_plain_letters() -> None:
    """A secret of letters only has no other form in an address or in JSON."""
    forms = to_forms("abcdefghijkl")

    assert forms["address"] == forms["JSON"] == ()
