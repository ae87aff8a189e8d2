"""What a module imports, followed through all of ours, without importing anything."""

import ast
import functools
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

_CONTAINERS = "iptweb.terminals.host.containers"
# An import inside a function that leads to libraries which not every image has, and
# the group that has them.  Only functions of that group come through.
DOORS = {
    ("iptweb.runtime.call", "iptweb.access"): "keys",
    ("iptweb.terminals.host.choose", _CONTAINERS): "hosts",
    **{
        (f"{_CONTAINERS}.place", f"{_CONTAINERS}{name}"): "hosts"
        for name in ("", ".far_door", ".far_homes", ".ssh")
    },
}


class Imported(NamedTuple):
    """A module that another one imports, and whether only when something is called."""

    name: str
    lazy: bool


class Graph:
    """The imports of a checkout's own modules.

    Args:
        root: of the checkout.
    """

    def __init__(self, root: Path) -> None:
        self._roots = (root / "shared", root)
        self._distributions = packages_distributions()

    def reach(self, start: str, *, lazy: bool) -> set[str]:
        """Return the libraries that are reached from a module.

        Args:
            start: name of a module; of a package its `app` and `__main__` count, too.
            lazy: whether imports inside functions are followed as well.
        """
        found = {
            each.name
            for module in self._modules([start], lazy=lazy)
            for each in self._imports(module)
            if lazy or not each.lazy
        }
        tops = {name.partition(".")[0] for name in found if not self._find(name)}
        return {
            distribution.lower().replace("_", "-")
            for top in tops - sys.stdlib_module_names
            for distribution in self._distributions.get(top, ())
            if not self._is_ours(top)
        }

    def doors(self, starts: Iterable[str]) -> set[tuple[str, str]]:
        """Return each import inside a function: the module, and what it imports."""
        return {
            (module, each.name)
            for module in self._modules(starts, lazy=True)
            for each in self._imports(module)
            if each.lazy and self._find(each.name)
        }

    def _modules(self, starts: Iterable[str], *, lazy: bool) -> set[str]:
        seen: set[str] = set()
        todo = [
            name
            for start in starts
            for name in (start, f"{start}.app", f"{start}.__main__")
            if self._find(name)
        ]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            todo += [
                each.name
                for each in self._imports(name)
                if (lazy or not each.lazy) and self._find(each.name)
            ]
        return seen

    def _is_ours(self, top: str) -> bool:
        return any((root / top).is_dir() for root in self._roots)

    @functools.cache  # noqa: B019 - one graph lives as long as its tests
    def _find(self, name: str) -> Path | None:
        for root in self._roots:
            path = root.joinpath(*name.split("."))
            for candidate in (path / "__init__.py", path.with_suffix(".py")):
                if candidate.is_file():
                    return candidate
        return None

    @functools.cache  # noqa: B019 - as above
    def _imports(self, name: str) -> tuple[Imported, ...]:
        path = self._find(name)
        if path is None:
            return ()
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        tree = ast.parse(path.read_text("utf-8"))
        return tuple(self._walk(tree, package, lazy=False))

    def _walk(self, node: ast.AST, package: str, *, lazy: bool) -> Iterator[Imported]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            inside = isinstance(child, ast.FunctionDef | ast.Lambda)
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield from with_parents(alias.name, lazy=lazy)
            elif isinstance(child, ast.ImportFrom):
                yield from self._from(child, package, lazy=lazy)
            else:
                yield from self._walk(child, package, lazy=lazy or inside)

    def _from(
        self, node: ast.ImportFrom, package: str, *, lazy: bool
    ) -> Iterator[Imported]:
        base = node.module or ""
        if node.level:
            parts = package.split(".")
            parts = parts[: len(parts) - node.level + 1]
            base = ".".join([*parts, *([base] if base else [])])
        yield from with_parents(base, lazy=lazy)
        for alias in node.names:
            if self._find(f"{base}.{alias.name}"):
                yield Imported(f"{base}.{alias.name}", lazy)


def with_parents(name: str, *, lazy: bool) -> Iterator[Imported]:
    """Return a module and the packages around it, which are imported with it."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield Imported(".".join(parts[:count]), lazy)
