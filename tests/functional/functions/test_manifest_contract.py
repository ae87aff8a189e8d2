"""actors.yaml says of every function what its code shows, no more and no less."""

import ast
import functools
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from packaging.requirements import Requirement

from agave_deploy.bundle.actors_file import read_functions, read_schema
from agave_deploy.bundle.models import Function
from iptweb.testing import make_configs, make_settings

from .import_graph import DOORS, Graph

ROOT = Path(__file__).parents[3]
FUNCTIONS = read_functions(ROOT)
BY_NAME = {function.name.replace("-", "_"): function for function in FUNCTIONS}
NAMES = sorted(BY_NAME)
SECRETS = {name for function in FUNCTIONS for name in function.secrets}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
FAR_HOST = {
    "name": "far",
    "engine": "ssh://ipt@127.0.0.1:1",
    "host_key": "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
}


def groups_of(function: Function) -> tuple[str, ...]:
    """Return the groups of libraries that a function's image has."""
    return ("function", *function.extras)


def libraries(groups: tuple[str, ...]) -> set[str]:
    """Return the names of the distributions that groups of pyproject.toml name."""
    known = PROJECT["optional-dependencies"]
    return {
        Requirement(line).name.lower().replace("_", "-")
        for group in groups
        for line in known[group]
    }


@functools.cache
def all_needed(name: str) -> frozenset[str]:
    """Return a distribution with all that it needs in turn."""
    try:
        lines = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return frozenset()
    wanted = [each for each in lines if not each.marker or each.marker.evaluate()]
    inner = (all_needed(each.name.lower().replace("_", "-")) for each in wanted)
    return frozenset({name}).union(*inner)


def installed(groups: tuple[str, ...]) -> frozenset[str]:
    """Return the names of all distributions that an image with these groups has."""
    return frozenset[str]().union(*map(all_needed, libraries(groups)))


def modules_of(groups: tuple[str, ...]) -> list[str]:
    """Return the names of all modules that an image with these groups has."""
    needed = installed(groups)
    return sorted(
        top
        for top, names in packages_distributions().items()
        if any(name.lower().replace("_", "-") in needed for name in names)
    )


@pytest.fixture(name="graph", scope="module")
def _graph() -> Graph:
    return Graph(ROOT)


@functools.cache
def outcome(name: str) -> dict[str, Any]:
    """Call all routes of a function, given only what actors.yaml lists for it."""
    function = BY_NAME[name]
    every = make_configs(terminal_hosts=[FAR_HOST])
    ssh_key = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    every["test-ssh-key"] = ssh_key.decode()
    order = {
        "configs": {f"test-{each}": every[f"test-{each}"] for each in function.reads},
        "modules": modules_of(groups_of(function)),
    }
    done = subprocess.run(
        [sys.executable, "-I", str(Path(__file__).with_name("route_calls.py")), name],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_folders_and_list_agree() -> None:
    """actors.yaml lists the folders of functions/, no more and no fewer."""
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/__main__.py")}

    assert folders == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_limits_are_listed(name: str) -> None:
    """Every function has limits of all three kinds."""
    limits = BY_NAME[name].limits

    assert limits.workers
    assert limits.memory
    assert limits.processors


@pytest.mark.parametrize("name", NAMES)
def test_routes_need_no_more(name: str) -> None:
    """All routes answer with the listed configs and libraries, and no other."""
    found = outcome(name)

    assert found["missing"] == ""
    # The host of terminals that is named is not there.
    broken = [
        call
        for call in found["calls"]
        if call[2] >= 500 and call[3] != "terminal_failed"
    ]
    assert broken == []
    assert [call for call in found["calls"] if call[2] < 300] != []


@pytest.mark.parametrize("name", NAMES)
def test_every_route_was_called(name: str) -> None:
    """No route is left out of what is known of a function's needs."""
    app = __import__(f"functions.{name}.app", fromlist=["app"]).app

    asked = {(method, path) for method, path, *_ in outcome(name)["calls"]}

    left_out = [
        (route.method, route.path)
        for route in app.routes()
        if not any(
            method == route.method
            and re.fullmatch(re.sub(r"<[^>]+>", "[^/]+", route.path), path)
            for method, path in asked
        )
    ]
    assert left_out == []


@pytest.mark.parametrize("name", NAMES)
def test_every_config_is_needed(name: str) -> None:
    """Without a config that is listed a route fails, and names what is missing."""
    for config, calls in outcome(name)["lacking"].items():
        known = {
            f"Setting {config} is missing.",
            "Setting <instance>-settings must be given once.",
        }

        messages = {call[4] for call in calls if call[3] == "internal"}

        assert messages
        assert messages <= known


@pytest.mark.parametrize("name", NAMES)
def test_every_extra_is_needed(name: str, graph: Graph) -> None:
    """A group of libraries that an image has is reached by the function's code."""
    reached = graph.reach(f"functions.{name}", lazy=True)
    base = installed(("function",))

    for extra in BY_NAME[name].extras:
        assert reached & (libraries((extra,)) - base), extra


@pytest.mark.parametrize("name", NAMES)
def test_imports_are_in_the_image(name: str, graph: Graph) -> None:
    """What a function imports on its own is in its image."""
    reached = graph.reach(f"functions.{name}", lazy=False)

    assert reached - installed(groups_of(BY_NAME[name])) == set()


def test_lazy_imports_are_known(graph: Graph) -> None:
    """An import inside a function leads to further libraries only at a known door."""
    base = installed(("function",))
    beyond = {
        door: found - base
        for door in graph.doors([f"functions.{name}" for name in NAMES])
        if (found := graph.reach(door[1], lazy=False)) - base
    }

    assert beyond.keys() == DOORS.keys()
    for door, found in beyond.items():
        assert found <= installed((DOORS[door],)), door


def test_secrets_are_asked_for_in_known_places() -> None:
    """The code asks for no secret that actors.yaml does not know."""
    asked = set(literals_of("secret"))

    assert asked | {"oauth-client"} == SECRETS
    assert {
        *read_schema()["$defs"]["function"]["properties"]["secrets"]["items"]["enum"]
    } == SECRETS


def literals_of(called: str) -> Iterator[str]:
    """Return each text that is given to something of that name, in what ships."""
    for folder in ("shared/iptweb", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args:
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    last = node.args[-1]
                    if name == called and isinstance(last, ast.Constant):
                        yield str(last.value)


def test_architecture_knows_who_gets_what() -> None:
    """The table of configs names the functions that actors.yaml gives each to."""
    table = dict(
        re.findall(
            r"^\| `<instance>-([a-z-]+)` \| \w+ \| ([^|]+?) \|",
            ARCHITECTURE,
            re.MULTILINE,
        )
    )
    given = {
        secret: ", ".join(name for name in NAMES if secret in BY_NAME[name].secrets)
        for secret in SECRETS
    }

    assert {name: who.replace("`", "") for name, who in table.items()} == {
        "settings": "all functions",
        **given,
    }


def test_architecture_lists_every_function() -> None:
    """The table of routes has a line for each function, under its alias."""
    listed = set(re.findall(r"(?m)^\| `(\w+)` \(`dev-([a-z-]+)`", ARCHITECTURE))

    assert listed == {(name, BY_NAME[name].name) for name in NAMES}


def test_documents_name_listed_functions() -> None:
    """The addresses of actors in the documents are those of functions."""
    texts = [path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")]

    named = {
        name
        for text in texts
        for name in re.findall(r"actors/v2/(?:aliases/)?(?:dev|prod)-([a-z-]+)", text)
    }

    assert "terminal" in named
    assert named <= {function.name for function in FUNCTIONS}


def test_site_calls_listed_functions() -> None:
    """The pages of the site call functions that there are."""
    sources = [
        path.read_text("utf-8")
        for folder in ("lib", "components")
        for path in (ROOT / "static_site" / folder).rglob("*.js")
    ]
    called = {
        name
        for text in sources
        for name in re.findall(r"(?:api\.call|#call|#address)\(\s*\"(\w+)\"", text)
    }

    assert len(called) > 3
    assert called <= set(NAMES)


def test_site_example_lists_functions() -> None:
    """The example of the site's configuration has the aliases of functions."""
    text = (ROOT / "static_site/config.example.js").read_text("utf-8")

    aliases = dict(re.findall(r"(\w+): \"dev-([a-z-]+)\"", text))

    assert len(aliases) > 3
    assert aliases.items() <= {name: BY_NAME[name].name for name in NAMES}.items()


def test_settings_of_tests_are_whole() -> None:
    """The secrets that tests invent are those that there are."""
    assert {*make_configs()} | {"test-ssh-key"} == {
        *(f"test-{name}" for name in SECRETS),
        "test-settings",
    }
    assert make_settings()["instance"] == "test"
