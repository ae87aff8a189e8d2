"""The table of images."""

from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.images import (
    BadImages,
    Program,
    check_images,
    read_images,
    to_program,
)

TABLE = """
jobs: functions.jobs
"abacosamples/test": {command: [/bin/echo, hello]}
tool:1: {package: my.tool, environment: {LEVEL: "2"}}
"""


def test_yaml_and_json(tmp_path: Path) -> None:
    """An entry is a package, or says whether it is one or a command."""
    path = tmp_path / "images"
    path.write_text(TABLE, "utf-8")

    assert read_images(path) == {
        "jobs": Program("functions.jobs"),
        "abacosamples/test": Program(command=("/bin/echo", "hello")),
        "tool:1": Program("my.tool", environment={"LEVEL": "2"}),
    }
    path.write_text('{"jobs": "functions.jobs"}', "utf-8")
    assert read_images(path) == {"jobs": Program("functions.jobs")}


def test_names() -> None:
    """A program is known by its package or the first word of its command."""
    assert to_program("a.b").name == "a.b"
    assert to_program(Program(command=("sh", "-c"))).name == "sh"


@pytest.mark.parametrize("content", ["{", "- a", "a: !!python/object:os.x {}", None])
def test_unreadable(tmp_path: Path, content: str | None) -> None:
    """A file that is no table is refused."""
    path = tmp_path / "images"
    if content is not None:
        path.write_text(content, "utf-8")

    with pytest.raises(BadImages):
        read_images(path)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (3, "it names a package"),
        ({}, "it names a package"),
        ({"package": "a", "command": ["b"]}, "one of 'package' and 'command'"),
        ({"package": "a", "env": {}}, "it cannot have 'env'"),
        ({"package": "a/b"}, "a package is a dotted name"),
        ({"package": "os; x"}, "a package is a dotted name"),
        ({"package": None}, "a package is a dotted name"),
        ({"command": "echo hello"}, "a command is a list of texts"),
        ({"command": []}, "a command is a list of texts"),
        ({"command": ["a", 1]}, "a command is a list of texts"),
        ({"command": [""]}, "absolute path"),
        ({"command": ["bin/tool"]}, "absolute path"),
        ({"command": ["a", "b\0"]}, "no NUL"),
        ({"package": "a", "environment": ["x"]}, "an object of texts"),
        ({"package": "a", "environment": {"A": 1}}, "an object of texts"),
        ({"package": "a", "environment": {"A=": ""}}, "an object of texts"),
        ({"package": "a", "environment": {"": "b"}}, "an object of texts"),
    ],
)
def test_wrong_entry(entry: Any, why: str) -> None:
    """A wrong entry is refused by its name, with what is right."""
    with pytest.raises(BadImages, match=f"entry 'the/image' is wrong: .*{why}"):
        check_images({"the/image": entry})


@pytest.mark.parametrize("name", [1, "", " ", None])
def test_wrong_name(name: Any) -> None:
    """A name that YAML made something else of is refused."""
    with pytest.raises(BadImages, match="put a text in quotes"):
        check_images({name: "a"})
