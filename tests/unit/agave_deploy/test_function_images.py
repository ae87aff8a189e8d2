"""What a function's image is made of, and its name; no engine is needed for either."""

import ast
import functools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Function
from agave_deploy.errors import ImageError
from agave_deploy.images.function_images import SHARED, FunctionSources, image_name

ROOT = Path(__file__).parents[3]
FUNCTIONS = {each.name: each for each in read_manifest(ROOT).functions}
OURS = {"functions": ROOT, **dict.fromkeys(("agave_local", "agave_deploy"), ROOT)}
OURS |= {path.name: path.parent for path in (ROOT / "shared").iterdir()}


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """Return a checkout that holds what images are made of, and may be changed."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "functions", root / "functions")
    for name in ("iptweb", "sandbox", "sshlink"):
        shutil.copytree(ROOT / "shared" / name, root / "shared" / name)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    return root


def _names(root: Path) -> dict[str, str]:
    names = ("terminal", "webterm", "culler")
    return {name: image_name(root, FUNCTIONS[name], "ipt/") for name in names}


def test_name(copy: Path) -> None:
    """A name has prefix, function, version and digest, wherever the checkout lies."""
    here = image_name(ROOT, FUNCTIONS["job-submit"], "registry.example.org/ipt/")

    assert re.fullmatch(
        r"registry\.example\.org/ipt/job-submit:[0-9.]+-[0-9a-f]{12}", here
    )
    assert image_name(copy, FUNCTIONS["webterm"], "") == image_name(
        ROOT, FUNCTIONS["webterm"], ""
    )


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("functions/webterm/app.py", {"webterm"}),
        ("functions/__init__.py", {"terminal", "webterm", "culler"}),
        ("functions/Dockerfile", {"terminal", "webterm", "culler"}),
        ("shared/iptweb/errors.py", {"terminal", "webterm", "culler"}),
        ("shared/sshlink/link.py", {"terminal"}),
        ("functions/files/app.py", set()),
        ("functions/terminal/image/bashrc", set()),
        ("shared/iptweb/testing/settings.py", set()),
        ("shared/sshlink/testing.py", set()),
    ],
)
def test_name_follows_content(copy: Path, file: str, changed: set[str]) -> None:
    """Only the images that hold a file are named anew when it changes."""
    before = _names(copy)
    with (copy / file).open("a") as opened:
        opened.write("# new\n")
    after = _names(copy)

    assert {name for name in before if before[name] != after[name]} == changed


@pytest.mark.parametrize(
    ("package", "changed"),
    [
        ("requests", {"terminal", "webterm", "culler"}),
        ("cryptography", {"terminal", "webterm"}),
        ("docker", {"terminal"}),
        ("mypy", set()),
    ],
)
def test_name_follows_lock(copy: Path, package: str, changed: set[str]) -> None:
    """Only the images that hold a package are named anew with its version."""
    before = _names(copy)
    lock = copy / "requirements.lock"
    text = re.sub(rf"(?m)^{package}==", f"{package}==7!", lock.read_text("utf-8"))
    lock.write_text(text, "utf-8")
    after = _names(copy)

    assert {name for name in before if before[name] != after[name]} == changed


def test_name_follows_extras() -> None:
    """Other extras make another image."""
    function = FUNCTIONS["culler"]

    assert image_name(ROOT, function, "") != image_name(
        ROOT, replace(function, extras=("keys",)), ""
    )


def test_packages() -> None:
    """What every function has is not among the extras of one."""
    sources = FunctionSources(ROOT, FUNCTIONS["terminal"])
    common = {pinned.name for pinned in sources.packages}
    extra = {pinned.name for pinned in sources.extra_packages}

    assert {"agavepy", "requests", "werkzeug"} <= common
    assert {"cryptography", "docker", "paramiko"} <= extra
    assert not common & extra
    assert not {"pytest", "mypy", "waitress"} & (common | extra)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_files(name: str) -> None:
    """An image has its own function, no other, and nothing of tests."""
    sources = FunctionSources(ROOT, FUNCTIONS[name])
    folder = FUNCTIONS[name].package.replace(".", "/")

    others = {file for file in sources.own if not file.startswith(f"{folder}/")}
    assert others == {"functions/__init__.py"}
    assert f"{folder}/__main__.py" in sources.own
    assert "iptweb/runtime/entry.py" in sources.shared
    for file in (*sources.own, *sources.shared):
        assert not {"testing", "testing.py", "image", "tests"} & set(Path(file).parts)
        assert not file.endswith(".pyc")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shared_packages_are_those_that_are_imported(name: str) -> None:
    """All that a function imports when it starts is in its image, and all is used."""
    sources = FunctionSources(ROOT, FUNCTIONS[name])
    main = f"{FUNCTIONS[name].package}.__main__"
    files = {*sources.own, *sources.shared}

    started = {_find(module) for module in _follow(main, lazy=False)}
    missing = {file for file in started if file} - files
    used = {module.partition(".")[0] for module in _follow(main, lazy=True)}

    assert not missing
    assert set(sources.shared_packages) <= used
    assert not used & {"agave_local", "agave_deploy"}


def test_shared_packages_are_known() -> None:
    """The table names packages that are there, and groups that there are."""
    assert {name for names in SHARED.values() for name in names} <= set(OURS)
    for group in SHARED.keys() - {"function"}:
        function = replace(FUNCTIONS["culler"], extras=(group,))
        assert FunctionSources(ROOT, function).extra_packages


def _follow(start: str, *, lazy: bool) -> set[str]:
    """Return the modules of ours that a module imports, by way of others, too."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        file = _find(module)
        if module in seen or file is None:
            continue
        seen.add(module)
        parts = module.split(".")
        waiting += [".".join(parts[:end]) for end in range(1, len(parts))]
        waiting += _imports(module, file, lazy=lazy)
    return seen


@functools.cache
def _imports(module: str, file: str, *, lazy: bool) -> list[str]:
    """Return the names that a module imports."""
    place = OURS[module.partition(".")[0]] / file
    package = module if place.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(place.read_text("utf-8"))
    return [
        name
        for node in _statements(tree, lazy=lazy)
        for name in _imported(node, package)
    ]


def _find(module: str) -> str | None:
    """Return a module's file, as it is named below the site's folder."""
    root = OURS.get(module.partition(".")[0])
    path = module.replace(".", "/")
    for file in (f"{path}/__init__.py", f"{path}.py"):
        if root is not None and (root / file).is_file():
            return file
    return None


def _statements(node: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    """Yield what is run when a module is loaded; what is run later where asked."""
    for child in ast.iter_child_nodes(node):
        for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(
            child.test
        )
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        if not for_types and (lazy or not later):
            yield child
            yield from _statements(child, lazy=lazy)


def _imported(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            parts = package.split(".")
            above = ".".join(parts[: len(parts) - level + 1]) if level else ""
            base = ".".join(filter(None, (above, module)))
            return [base, *(f"{base}.{alias.name}" for alias in names)]
        case _:
            return []


def test_unknown_extra() -> None:
    """An extra that pyproject.toml has not is named, with whose it is."""
    function = replace(FUNCTIONS["culler"], extras=("kes",))

    with pytest.raises(ImageError, match="culler wants the extra kes"):
        image_name(ROOT, function, "")


def test_function_without_code() -> None:
    """A function that has no folder is named."""
    function = Function("no-such", "None.", (), "nobody")

    with pytest.raises(
        ImageError, match="no folder functions/no_such for the function"
    ):
        image_name(ROOT, function, "")


def test_incomplete_checkout(copy: Path, tmp_path: Path) -> None:
    """A file that is missing is named."""
    (copy / "functions/Dockerfile").unlink()

    with pytest.raises(ImageError, match=r"webterm can't be named: .*Dockerfile can't"):
        image_name(copy, FUNCTIONS["webterm"], "")
    with pytest.raises(ImageError, match="is not the checkout"):
        image_name(tmp_path, FUNCTIONS["webterm"], "")
