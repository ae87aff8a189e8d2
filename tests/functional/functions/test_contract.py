"""The functions, their packages and the documentation agree."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import iptweb

CHECKOUT = Path(__file__).parents[3]
FUNCTIONS = (
    *("admin", "auth_callback", "culler", "files", "job_submit", "jobs", "parallelize"),
    *("terminal", "webterm"),
)
DOCS = (CHECKOUT / "docs/architecture.md").read_text("utf-8")
MODULES = [module.name for module in pkgutil.walk_packages(iptweb.__path__, "iptweb.")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_route_is_documented(name: str) -> None:
    """Each method and path stands in the table of routes."""
    app = importlib.import_module(f"functions.{name}.app").app
    documented = re.sub(r"<\w+>", "<id>", DOCS)

    assert app.name == name
    for method, path in ((each.method, each.path) for each in app.routes()):
        assert f"`{method} {re.sub(r'<[^>]+>', '<id>', path)}`" in documented


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_shaped_alike(name: str) -> None:
    """A function says what it is, and offers what its runners look for."""
    package = importlib.import_module(f"functions.{name}")
    module = importlib.import_module(f"functions.{name}.app")

    assert len((package.__doc__ or "").split()) > 20
    assert callable(module.warm)
    assert callable(module.run_inline)


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_there(name: str) -> None:
    """Whatever `__all__` promises, a module has."""
    module = importlib.import_module(name)
    promised = getattr(module, "__all__", [])

    assert [entry for entry in promised if not hasattr(module, entry)] == []
    assert len(promised) == len(set(promised))
