"""Layers of functions' images: what is in them, and that they are the same again."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.errors import ImageError
from agave_deploy.images.function_builds import (
    FunctionOrder,
    build_functions,
    read_revision,
)
from agave_deploy.images.function_images import FunctionSources
from agave_deploy.images.function_layers import LayerMaker, layer_key
from agave_deploy.images.image_layers import (
    COMPILE,
    Item,
    Layer,
    compiled_name,
    installed,
    launcher,
    read_compiled,
    site_folder,
    skeleton,
    write_layer,
    write_sources,
)
from agave_deploy.images.image_sizes import describe, read_history
from agave_deploy.images.site_packages import Target, Wheels

ROOT = Path(__file__).parents[3]
TARGET = Target(f"3.{sys.version_info.minor}", "x86_64", 19, "/usr/local/bin/python3")
SITE = site_folder(TARGET)


def _packed(layer: Layer) -> dict[str, tarfile.TarInfo]:
    archive = io.BytesIO()
    write_layer(layer, {}, TARGET, archive)
    archive.seek(0)
    with tarfile.open(fileobj=archive) as packed:
        return {entry.name: entry for entry in packed}


def test_installed(tmp_path: Path) -> None:
    """Of what pip installs, an image gets what runs, and who wrote it."""
    kept = ["a/core.py", "a/native.so", "a-1.dist-info/METADATA", "a/py.typed"]
    left = ["bin/a", "a/tests/test_core.py", "a/core.pyi", "a/native.c"]
    for name in (*kept, *left, "a/__pycache__/core.cpython-311.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    assert set(installed(tmp_path)) == set(kept)


def test_skeleton() -> None:
    """The folder is a Python of its own, by that of the base."""
    packed = _packed(Layer({}, skeleton(TARGET)))

    assert packed["opt/ipt/bin/python3"].linkname == "/usr/local/bin/python3"
    settings = skeleton(TARGET)["opt/ipt/pyvenv.cfg"].content
    assert isinstance(settings, bytes)
    assert b"home = /usr/local/bin\n" in settings
    assert b"include-system-site-packages = false\n" in settings


def test_launcher() -> None:
    """The program that starts a function needs no arguments and no shell."""
    (item,) = launcher("functions.job_submit").values()

    assert item.executable
    assert isinstance(item.content, bytes)
    assert item.content.startswith(b"#!/opt/ipt/bin/python3 -I\n")
    assert b'"functions.job_submit"' in item.content


def test_layer(tmp_path: Path) -> None:
    """A layer has its folders too, and neither owner nor time of anything."""
    program = tmp_path / "native.so"
    program.write_bytes(b"x" * 7)
    program.chmod(0o700)
    site = {"a/native.so": Item(program), "a/b.py": Item(b"b = 1\n")}
    packed = _packed(Layer(site, launcher("functions.files")))

    assert list(packed) == sorted(packed)
    assert {name for name, entry in packed.items() if entry.isdir()} >= {
        *("opt", "opt/ipt", "opt/ipt/bin", SITE, f"{SITE}/a"),
    }
    assert packed[f"{SITE}/a/native.so"].size == 7
    assert packed["opt/ipt/bin/function"].mode == 0o755
    assert packed[f"{SITE}/a/native.so"].mode == 0o644
    assert {(e.mtime, e.uid, e.gid, e.uname) for e in packed.values()} == {
        (0, 0, 0, "")
    }


def test_layer_of_nothing() -> None:
    """A function without extras has a layer that adds no file."""
    assert set(_packed(Layer({}, {}))) == {"opt", "opt/ipt"}


def _compile(layers: dict[str, Layer], work: Path) -> dict[str, dict[str, bytes]]:
    """Compile as a container does, with this machine's Python."""
    work.mkdir()
    archive, made = io.BytesIO(), io.BytesIO()
    write_sources(layers, "build", archive)
    archive.seek(0)
    with tarfile.open(fileobj=archive) as packed:
        packed.extractall(work, filter="data")
    subprocess.run(
        [sys.executable, "-s", "-c", COMPILE, str(work / "build"), f"/{SITE}"],
        env={"PYTHONHASHSEED": "0"},
        check=True,
    )
    with tarfile.open(fileobj=made, mode="w") as packed:
        packed.add(work / "build", "build")
        stray = tarfile.TarInfo("build/one/a/__pycache__/evil.pyc")
        packed.addfile(stray, io.BytesIO())
    made.seek(0)
    found = read_compiled(made, layers, TARGET)
    return {
        key: {
            name: item.content
            for name, item in items.items()
            if isinstance(item.content, bytes)
        }
        for key, items in found.items()
    }


def test_compiled(tmp_path: Path) -> None:
    """Modules are compiled for their place, the same each time, and nothing else."""
    source = (ROOT / "shared/iptweb/secret.py").read_bytes()
    one = Layer({"a/b.py": Item(source), "a/b.txt": Item(b"x")}, {})
    broken = Layer({"old.py": Item(b"print 'Python 2'\n"), "c.py": Item(source)}, {})

    first = _compile({"one": one, "two": broken}, tmp_path / "1")
    again = _compile({"one": one}, tmp_path / "2")

    assert first["one"] == again["one"]
    assert set(first["one"]) == {compiled_name("a/b.py", TARGET)}
    assert set(first["two"]) == {compiled_name("c.py", TARGET)}
    code = first["one"][compiled_name("a/b.py", TARGET)]
    assert code[4] == 1  # by its hash, which is not checked (PEP 552)
    assert f"/{SITE}/a/b.py".encode() in code
    assert str(tmp_path).encode() not in code


def test_layers_are_made_once(tmp_path: Path) -> None:
    """Functions share all layers but their own where they need the same."""
    functions = {each.name: each for each in read_manifest(ROOT).functions}
    wanted = [FunctionSources(ROOT, functions[name]) for name in ("culler", "files")]
    asked: list[list[str]] = []

    def pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        asked.append(list(arguments))
        return subprocess.CompletedProcess([], 0, "")

    wheel = tmp_path / "own.whl"
    with ZipFile(wheel, "w") as own:
        for name in {*wanted[0].shared, *wanted[0].own, *wanted[1].own}:
            own.writestr(name, name)
    with ZipFile(wheel) as own:
        wheels = Wheels(TARGET, tmp_path, pip)
        layers = LayerMaker(TARGET, wheels, own, tmp_path / "site").make(wanted)

    assert len(layers) == 5
    assert len(asked) == 1
    assert layer_key(wanted[0], "shared") == layer_key(wanted[1], "shared")
    assert set(layers["own-files"].site) == set(wanted[1].own)
    assert "opt/ipt/bin/function" in layers["own-files"].others
    with ZipFile(wheel, "w") as own:
        maker = LayerMaker(TARGET, wheels, own, tmp_path / "site")
        with pytest.raises(ImageError, match=r"the checkout has no .*iptweb"):
            maker.make(wanted)


def test_sizes() -> None:
    """The layers that the Dockerfile adds are told apart, whoever built the image."""
    history = [
        {"Size": 0, "CreatedBy": "LABEL x=y"},
        {"Size": 50_000, "CreatedBy": "ADD own.tar / # buildkit"},
        {"Size": 2_000_000, "CreatedBy": "/bin/sh -c #(nop) ADD file:3 in /"},
        {"Size": 0, "CreatedBy": "/bin/sh -c #(nop) ADD file:2 in /"},
        {"Size": 16_000_000, "CreatedBy": "/bin/sh -c #(nop) ADD file:1 in /"},
        {"Size": 0, "CreatedBy": "CMD x"},
        {"Size": 90_000_000, "CreatedBy": "/bin/sh -c #(nop) ADD file:0 in /"},
    ]
    sizes = read_history(history)

    assert sizes == {"packages": 16e6, "extras": 0, "shared": 2e6, "own": 5e4}
    assert describe(sizes) == (
        "18.1 MB over its base: packages 16.0, extras 0.0, shared 2.0, own 0.1"
    )
    large = describe({**sizes, "extras": 70_000_000})
    assert large.startswith("88.0 MB over its base (more than 60.0)")


def test_revision(tmp_path: Path) -> None:
    """A checkout tells its commit; what is none, nothing."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert read_revision(tmp_path) == ""
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    assert len(read_revision(tmp_path)) == 40
    assert read_revision(tmp_path / "nowhere") == ""


def test_unknown_function() -> None:
    """A name that is no function is refused with those that there are."""
    with pytest.raises(ImageError, match="no function cullr; there are auth-callback"):
        build_functions(ROOT, FunctionOrder(["cullr"]), lambda _: None)
