"""docs/reference is what the functions' own code says of them.

`./build.sh reference` writes it anew: it runs this module with IPT_REFERENCE=write.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Function
from iptweb.http import App
from iptweb.reference import Example, Facts, describe, write_page
from iptweb.reference.index import write_index
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .reference_scenes import APPS, play

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs/reference"
WRITING = os.environ.get("IPT_REFERENCE") == "write"
FUNCTIONS = {
    function.name.replace("-", "_"): function
    for function in read_manifest(ROOT).functions
}
NAMES = sorted(FUNCTIONS)
TOKEN = {"authorization": "Bearer x"}
# Which headers a program may include is what this machine has.
PAGES = [
    pytest.param(name, marks=pytest.mark.needs("g++") if name == "parallelize" else ())
    for name in NAMES
]
Examples = dict[str, list[Example]]


def facts_of(function: Function) -> Facts:
    """Return what the manifest says of a function."""
    return Facts(
        name=function.name,
        description=function.description,
        grants=function.grants,
        nonce=function.nonce,
        cron=function.cron,
        workers=function.limits.workers,
    )


def hold(path: Path, text: str) -> None:
    """Compare a file with what it is to be, or write it where that was asked for."""
    if WRITING:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.is_file(), f"{path.name} is missing: ./build.sh reference"
    assert path.read_text("utf-8") == text, (
        f"{path.name} is stale: ./build.sh reference"
    )


@pytest.fixture(name="examples")
def _examples(name: str, tenant: FakeTenant, host: FakeHost) -> Examples:
    return play(name, tenant, host)


@pytest.mark.parametrize("name", PAGES)
def test_page_and_schema_are_fresh(name: str, examples: Examples) -> None:
    """Page and schema in docs/reference are those of the code."""
    function = FUNCTIONS[name]
    document = describe(APPS[name])

    hold(
        REFERENCE / f"schemas/{function.name}.json",
        json.dumps(document, indent=2, ensure_ascii=False) + "\n",
    )
    hold(
        REFERENCE / f"{function.name}.md",
        write_page(document, facts_of(function), examples),
    )


def test_index_is_fresh() -> None:
    """The index has every function, with what it does."""
    every = [(facts_of(FUNCTIONS[name]), describe(APPS[name])) for name in NAMES]

    hold(REFERENCE / "README.md", write_index(every))


def test_nothing_else_is_there() -> None:
    """No page is left of a function that is gone."""
    wanted = {f"{function.name}.md" for function in FUNCTIONS.values()} | {"README.md"}
    schemas = {f"{function.name}.json" for function in FUNCTIONS.values()}

    assert {path.name for path in REFERENCE.glob("*.*")} == wanted
    assert {path.name for path in (REFERENCE / "schemas").iterdir()} == schemas


@pytest.mark.parametrize("name", NAMES)
def test_every_route_has_an_example(name: str, examples: Examples) -> None:
    """Each route's page shows a message that did well, and its answer."""
    named = {route["name"] for route in describe(APPS[name])["routes"]}

    assert examples.keys() == named - {"show_schema"}
    assert [
        example.answer
        for kept in examples.values()
        for example in kept
        if example.answer["status"] >= 300
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_examples_satisfy_the_schemas(name: str, examples: Examples) -> None:
    """What is published takes the messages of the examples, and their answers."""
    document = describe(APPS[name])
    Draft202012Validator.check_schema(document)

    for route, kept in examples.items():
        for example in kept:
            Draft202012Validator(document).validate(example.message)
            part(document, f"{route}.answer").validate(example.answer)


def part(document: dict[str, Any], name: str) -> Draft202012Validator:
    """Return what checks against one definition of a document."""
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": document["$defs"]})


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_a_meaning(name: str) -> None:
    """No field of a query, a body or an answer is left unexplained."""
    known = describe(APPS[name])["$defs"]
    fields = {
        f"{title}.{field}": schema["description"]
        for title, inner in known.items()
        if "." not in title
        for field, schema in inner["properties"].items()
    }

    assert {field for field, meaning in fields.items() if not meaning} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_has_a_type(name: str) -> None:
    """Each route says what it answers."""
    untyped = [
        route["name"]
        for route in describe(APPS[name])["routes"]
        if not describe(APPS[name])["$defs"][f"{route['name']}.answer"]["properties"][
            "body"
        ]
    ]

    assert untyped == []


@pytest.mark.parametrize("name", NAMES)
def test_function_serves_its_own_document(name: str) -> None:
    """`GET /schema` gives what is published, within one result frame."""
    answer = FunctionClient(APPS[name]).get("/schema", authorized=False)

    assert answer.status == 200
    assert answer.body == json.loads(json.dumps(describe(APPS[name])))


def refused(document: dict[str, Any], message: dict[str, Any]) -> bool:
    """Tell whether a document refuses a message."""
    return not Draft202012Validator(document).is_valid(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("files", {"path": "/files"}),
        ("files", {"path": "/nope", **TOKEN}),
        ("files", {"path": "/downloads", **TOKEN}),
        (
            "files",
            {"path": "/files", "query": {"limit": 251}, **TOKEN},
        ),
        ("terminal", {"command": "GO"}),
        ("terminal", {"command": "START", "colour": "red"}),
        (
            "job_submit",
            {"method": "POST", "path": "/jobs", **TOKEN},
        ),
    ],
)
def test_schema_refuses(name: str, message: dict[str, Any]) -> None:
    """A message with something missing, unknown or out of bounds is no such message."""
    assert refused(describe(APPS[name]), message)


def test_apps_and_manifest_agree() -> None:
    """There is a scene for each function of the manifest."""
    assert APPS.keys() == FUNCTIONS.keys()
    assert all(isinstance(app, App) for app in APPS.values())
