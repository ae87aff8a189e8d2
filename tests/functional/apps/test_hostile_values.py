"""Each wrapper with what a shell would act upon, in every field of every app."""

import json
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parents[3] / "agave" / "apps"
NAMES = ("ipt-build", "ipt-run", "ipt-build-run", "ipt-compare")
FILES = {"driver", "binary", "serial", "parallel", "supplementalFiles"}
VALUES = {
    "ipt-build": {"command": "./compiler", "output": "heat", "driver": "heat.c"},
    "ipt-run": {"binary": "recorder", "threads": "2"},
    "ipt-build-run": {
        "compileCommand": "./compiler",
        "output": "heat",
        "driver": "heat.c",
    },
    "ipt-compare": {
        "serial": "recorder",
        "parallel": "heat.c",
        "parallelCompile": "./compiler",
        "counts": "1 2",
    },
}
TEXTS = {
    "spaces": "  a  b ",
    "operators": "; touch owned & > owned `touch owned` $(touch owned) $HOME * ~ %s",
    "double-quotes": '"; touch owned; "',
    "single-quotes": "'; touch owned; '",
    "eval": "eval touch owned",
    "own-function": "stop_with 0 touch owned",
    "brace": "${PATH:-x",
    "backslash": "\\",
    "end-of-document": "IPT-8133512406-242ac113-0001-007",
    "dash": "-n",
    "unicode": "ä ö 日本 \u202e\u00a0",
    "long": "x" * 4096,
    "long-words": "y z" * 1365,
}
BREAKS = ("gcc\r", "x\nIPT-\ntouch owned\nIPT-0\n\nx")


def _fields() -> list[tuple[str, str]]:
    found = []
    for app in NAMES:
        document = json.loads((APPS / app / "app.json").read_text("utf-8"))
        items = document["inputs"] + document["parameters"]
        found += [(app, item["id"]) for item in items]
    return found


@pytest.fixture(autouse=True)
def _staged(bench: Any, recorded: None) -> None:
    del recorded
    bench.put("heat.c", "")


def _stage(bench: Any, field: str, text: str) -> None:
    if field in FILES and "/" not in text and len(text.encode()) <= 255:
        source = "recorder" if field in {"binary", "serial"} else "heat.c"
        bench.put(text, (bench.folder / source).read_text("utf-8"))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("app", "field"), _fields())
def test_hostile_value(
    run_app: Any, bench: Any, app: str, field: str, name: str
) -> None:
    """No shell reads a value: nothing of it is run, and nothing of it expands."""
    text = TEXTS[name]
    _stage(bench, field, text)
    before = set(bench.folder.parent.rglob("*"))

    ended = run_app(app, VALUES[app] | {field: text})

    new = {
        str(path.relative_to(bench.folder))
        for path in set(bench.folder.parent.rglob("*")) - before
    }
    known = {"heat", "seen", "compiled", "job.out", "job.err", "job.ipcexe"}
    known |= {"ipt-lib.sh", "wrapper.sh", "compare", "test", "test/test.sh", text}
    others = {path for path in new - known if not path.startswith(("IPT_", "compare/"))}
    assert others == set()
    assert "syntax error" not in ended.err
    assert ended.file("IPT_EXIT_CODE") == f"{ended.code}\n"
    assert ended.code in {0, 1, 64, 126, 127}, ended.err


@pytest.mark.parametrize("text", BREAKS)
@pytest.mark.parametrize(("app", "field"), _fields())
def test_line_break(run_app: Any, app: str, field: str, text: str) -> None:
    """A value of several lines is refused, whatever it says."""
    ended = run_app(app, VALUES[app] | {field: text})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert f"The value of '{field}' holds a line break." in ended.err
    assert not (ended.folder / "owned").exists()
    assert not (ended.folder / "seen").exists()


@pytest.mark.parametrize(
    ("app", "field"),
    [
        item
        for item in _fields()
        if "ommand" in item[1] or item[1] in {"args", "modules"}
    ]
    + [("ipt-compare", "launcher"), ("ipt-compare", "serialCompile")],
)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a 'b", "has a quotation mark without its partner"),
        ('a "b', "has a quotation mark without its partner"),
        ('a "b\\"', "has a quotation mark without its partner"),
        ("a \\", "ends in a backslash with nothing behind it"),
    ],
)
def test_unfinished_words(
    run_app: Any, app: str, field: str, text: str, reason: str
) -> None:
    """Words that no shell could end are refused by the field's name."""
    launcher = " {ranks}" if field == "launcher" else ""
    ended = run_app(app, VALUES[app] | {field: launcher + text})

    assert ended.code == 64
    assert f"The value of '{field}' {reason}." in ended.err


@pytest.mark.parametrize("app", NAMES)
@pytest.mark.parametrize("place", ["main", "supplementalFiles"])
def test_own_library_as_input(run_app: Any, bench: Any, app: str, place: str) -> None:
    """A user's own ipt-lib.sh is refused and never read."""
    bench.put("ipt-lib.sh", "touch owned\n")
    main = {"ipt-run": "binary", "ipt-compare": "serial"}.get(app, "driver")
    field, text = (
        (main, "ipt-lib.sh") if place == "main" else (place, "heat.c ipt-lib.sh x")
    )

    ended = run_app(
        app,
        VALUES[app] | {field: text},
        macros={"AGAVE_JOB_CALLBACK_FAILURE": "touch called-back"},
    )

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert "may not be named 'ipt-lib.sh'" in ended.err
    assert not (ended.folder / "owned").exists()
    assert (ended.folder / "called-back").exists()


@pytest.mark.parametrize("app", NAMES)
def test_no_library(bench: Any, app: str) -> None:
    """An app that was not deployed whole says so instead of doing half."""
    process = bench.start(app, VALUES[app])
    process.wait(60)
    (bench.folder / "ipt-lib.sh").unlink()
    (bench.folder / "ipt-lib.sh").mkdir()

    ended = bench.end(bench.start(app, VALUES[app]))

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert "lacks its file ipt-lib.sh" in ended.err


@pytest.mark.parametrize("app", NAMES)
@pytest.mark.parametrize(
    "name", ["IPT_EXIT_CODE", "IPT_TIME", "IPT_STAGE", "IPT_COMPARE"]
)
def test_input_named_like_a_note(run_app: Any, bench: Any, app: str, name: str) -> None:
    """An input can't have the name of what the job leaves for the platform."""
    bench.put(name, "7\n")

    ended = run_app(app, VALUES[app] | {"supplementalFiles": f"heat.c {name}"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert f"may not be named '{name}'" in ended.err
