"""What wrappers and archive paths mention."""

import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.services.jobs.macros import (
    fill,
    to_macros,
    to_slug,
    to_tokens,
)

JOB: dict[str, Any] = {
    "id": "1-007",
    "name": "My Job!",
    "owner": "anna",
    "appId": "a-1.0",
    "archive": True,
    "archiveSystem": "sys",
    "archivePath": "/anna/out",
    "batchQueue": "normal",
    "executionSystem": "exec",
    "created": 0.0,
    "nodeCount": 1,
    "processorsPerNode": 2,
    "memoryPerNode": 1.5,
    "inputs": {"files": ["agave://s/a/one.c", "agave://s/a/two%20b.c"]},
    "parameters": {"n": [3], "on": [True], "off": [False], "words": ["a b", "c'd"]},
}


def _item(name: str, kind: str = "string", **details: Any) -> dict[str, Any]:
    enquote = details.pop("enquote", False)
    return {"id": name, "value": {"type": kind, "enquote": enquote}, "details": details}


def _tokens(**items: Any) -> dict[str, str]:
    app = {"inputs": [_item("files")], "parameters": list(items.values())}
    return to_tokens(app, JOB)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My Job!", "my-job"),
        ("ipt-run-1", "ipt-run-1"),
        ("../../etc", "etc"),
        ("Über", "ber"),
        ("!!!", "job"),
        ("x" * 200, "x" * 64),
    ],
)
def test_make_a_slug(name: str, slug: str) -> None:
    """A name becomes a file name."""
    assert slug == to_slug(name)


@given(st.text())
def test_slugs_are_file_names(name: str) -> None:
    """Whatever the name, the slug is a plain file name."""
    slug = to_slug(name)

    assert 1 <= len(slug) <= 64
    assert slug.replace("-", "").isalnum()
    assert slug.isascii()


def test_fill_once() -> None:
    """What is put in is not looked at again; what is unknown stays."""
    text = "${a} ${b} ${c} $a ${a%x} ${a[@]}"

    assert fill(text, {"a": "${b}", "b": "2"}) == "${b} 2 ${c} $a ${a%x} ${a[@]}"


def test_macros() -> None:
    """A job's facts are there with Agave's prefix and without."""
    macros = to_macros(JOB, "LOCAL", "http://t")

    assert "1-007" == macros["AGAVE_JOB_ID"] == macros["JOB_ID"]
    assert (macros["JOB_NAME"], macros["AGAVE_JOB_NAME_RAW"]) == ("my-job", "My Job!")
    assert (
        macros["AGAVE_JOB_ARCHIVE_URL"] == "http://t/files/v2/media/system/sys/anna/out"
    )
    assert (macros["JOB_ARCHIVE"], macros["JOB_MEMORY_PER_NODE"]) == ("1", "1.5")
    assert macros["AGAVE_JOB_CALLBACK_FAILURE"] == ":"
    told = to_macros({**JOB, "callbackToken": "tok"}, "L", "http://t")
    assert (
        "http://t/jobs/v2/trigger/job/1-007/token/tok/status/HEARTBEAT"
        in told["AGAVE_JOB_CALLBACK_ALIVE"]
    )
    bare = to_macros(
        {**JOB, "archive": False, "archiveSystem": None, "memoryPerNode": None}, "L", ""
    )
    assert (
        bare["JOB_ARCHIVE"],
        bare["JOB_ARCHIVE_URL"],
        bare["JOB_MEMORY_PER_NODE"],
    ) == ("", "", "")


def test_a_callback_never_fails() -> None:
    """A script that can't call back goes on, and says nothing about it."""
    job = {**JOB, "callbackToken": "tok"}
    command = to_macros(job, "L", "http://127.0.0.1:9")["JOB_CALLBACK_RUNNING"]

    ran = subprocess.run(
        ["/bin/bash", "-ec", f"{command}\necho on"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert (ran.stdout, ran.stderr) == ("on\n", "")


def test_write_values() -> None:
    """Values are written as Agave does, by type and by how arguments are shown."""
    tokens = _tokens(
        n=_item("n", "number"),
        on=_item("on", "bool"),
        off=_item("off", "bool"),
        none=_item("none"),
        words=_item("words"),
    )

    assert tokens["files"] == "one.c two b.c"
    assert tuple(tokens[k] for k in ("n", "on", "off", "none")) == ("3", "1", "", "")
    assert tokens["words"] == "a b c'd"


def test_show_arguments() -> None:
    """An argument goes before its values, once or before each; a flag is only that."""
    once = _item("words", argument="--w=", showArgument=True)
    each = _item("words", argument="-w ", showArgument=True, repeatArgument=True)

    assert _tokens(x=once)["words"] == "--w=a b c'd"
    assert _tokens(x=each)["words"] == "-w a b -w c'd"
    assert _tokens(x=_item("none", argument="-x", showArgument=True))["none"] == ""
    assert _tokens(x=_item("on", "flag", argument="-v"))["on"] == "-v"
    assert _tokens(x=_item("off", "flag", argument="-v"))["off"] == ""


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
)
def test_quoted_values_are_words(words: list[str]) -> None:
    """A quoted value is exactly one word of a shell, whatever is in it."""
    item = _item("w", enquote=True)
    app = {"inputs": [], "parameters": [item]}
    tokens = to_tokens(app, {**JOB, "parameters": {"w": words}})
    script = fill("printf '%s\\0' x ${w}", tokens)

    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True)

    assert ["x", *words] == said.stdout.decode().split("\0")[:-1]
