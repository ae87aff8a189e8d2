"""The lock of this checkout and what demands it agree."""

import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.images.parts import read_checkout
from agave_deploy.supply.lock import LOCK, UNUSED, Lock, normalize

ROOT = Path(__file__).parents[3]
GROUPS = ("dev", "tools")
FUNCTIONS = read_manifest(ROOT).functions
# What functions import only when they come to use it.
LATE = {"hosts": ("iptweb.terminals.host", "sandbox", "sshlink"), "engine": ("ipt",)}
# Which packages of an image nothing imports before it is needed, or ever.
NOT_AT_ONCE = {
    "cffi": "cryptography's core has it linked in, and asks for it",
    "pycparser": "cffi reads C by it, when something is built",
    "invoke": "paramiko, for ssh_config's `Match exec`",
    "pynacl": "paramiko, for Ed25519 keys where cryptography has none",
    "tzdata": "python-dateutil, where the machine has no time zones",
}
# Imports all that is given, with nothing else to be found than what is locked for it.
_IMPORT = """
import importlib, importlib.metadata, json, pkgutil, sys
allowed, modules = set(json.loads(sys.argv[1])), json.loads(sys.argv[2])
owners = importlib.metadata.packages_distributions()
def known(name):
    return {one.lower().replace("_", "-").replace(".", "-") for one in owners[name]}
class OnlyLocked:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if "." in name and top not in ("functions", "backports"):
            return None
        if top in owners and not known(top) & (allowed | {"ipt-on-the-web"}):
            raise ModuleNotFoundError(f"{name} is not locked for this image", name=name)
        return None
sys.meta_path.insert(0, OnlyLocked())
for name in modules:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        if not {"__main__", "testing"} & set(found.name.split(".")):
            importlib.import_module(found.name)
from iptweb.agave.swagger import load_agavepy
load_agavepy()
loaded = {module.partition(".")[0] for module in sys.modules} & set(owners)
print(json.dumps(sorted(set().union(*map(known, loaded)))))
"""


@cache
def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def _lock() -> Lock:
    return Lock.read(ROOT)


def _demanded() -> list[tuple[str, Requirement]]:
    project, groups = _project()["project"], _project()["dependency-groups"]
    extras = project["optional-dependencies"].values()
    ours = [("", line) for line in project["dependencies"]]
    ours += [("", line) for lines in extras for line in lines]
    ours += [(group, line) for group in GROUPS for line in groups[group]]
    return [(group, Requirement(line)) for group, line in ours]


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_all_demands_are_locked(group: str) -> None:
    """Whatever pyproject.toml demands is in the lock, in a version that it allows."""
    demands = [one for wanted, one in _demanded() if wanted == group]

    assert demands
    for demand in demands:
        pinned = _lock().packages[normalize(demand.name)]
        assert demand.specifier.contains(pinned.version), demand
        assert group in pinned.groups, demand


def test_nothing_is_locked_in_vain() -> None:
    """Every entry is demanded by pyproject.toml or by another entry."""
    demanded = [str(one) for _, one in _demanded()]

    needed = {one.name for one in _lock().closure(demanded, {})}

    assert _lock().packages.keys() - needed == set()
    for pinned in _lock().packages.values():
        assert pinned.needed_by <= _lock().packages.keys(), pinned.name
        named = {
            group for group, one in _demanded() if normalize(one.name) == pinned.name
        }
        assert pinned.groups == named, pinned.name


def test_optional_groups_are_dependencies() -> None:
    """What an image has is what this checkout was tested with."""
    project = _project()["project"]

    for lines in project["optional-dependencies"].values():
        assert set(lines) <= set(project["dependencies"])


def test_lock_names_no_registry() -> None:
    """The lock serves whichever registry people have."""
    text = (ROOT / LOCK).read_text("utf-8")

    assert not re.search(r"://|index-url|find-links|trusted-host", text)


def test_all_packages_are_explained() -> None:
    """The page about dependencies names each package of both locks, and no other."""
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    tables = text.partition("## What ships")[2]
    _, packages = read_checkout(ROOT)

    rows = re.findall(r"^\| `([^`]+)` \|", tables, re.MULTILINE)
    listed = re.findall(r"`([^`]+)` \([A-Z]", tables)

    assert {*rows, *listed} == {one.name for one in packages}


def test_unused_is_asked_for() -> None:
    """What is left out of images is something that a package does ask for."""
    for package, names in UNUSED.items():
        for name in names:
            assert package in _lock().packages[name].needed_by


@pytest.mark.parametrize("extras", sorted({one.extras for one in FUNCTIONS}))
def test_an_image_has_what_it_imports(extras: tuple[str, ...]) -> None:
    """A function runs with the packages that are locked for it, and no more.

    Nothing is in its image either that nothing imports, but for what is explained here.
    """
    known = _project()["project"]["optional-dependencies"]
    demanded = [line for group in ("function", *extras) for line in known[group]]
    locked = {one.name for one in _lock().closure(demanded)}
    modules = [f"{one.package}.app" for one in FUNCTIONS if one.extras == extras]
    modules += [name for group in extras for name in LATE.get(group, ())]

    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, json.dumps([*locked]), json.dumps(modules)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.returncode == 0, done.stderr
    assert locked - set(json.loads(done.stdout)) <= NOT_AT_ONCE.keys()
