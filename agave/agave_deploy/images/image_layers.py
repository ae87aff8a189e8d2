"""The layers of functions' images: archives that are the same for the same content.

    installed packages, our files ─▶ prune ─▶ Items ─▶ compiled by the base's Python
    Items ─▶ write_layer: sorted, no owner, no time ─▶ what the Dockerfile adds

Modules are compiled with unchecked hashes: neither their time nor their place counts,
and nothing is written where a container's files can't be.
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from agave_deploy.images.image_sources import walk
from agave_deploy.images.site_packages import Target

__all__ = [
    "COMPILE",
    "Item",
    "Items",
    "Layer",
    "compiled_name",
    "installed",
    "launcher",
    "read_compiled",
    "site_folder",
    "skeleton",
    "write_layer",
    "write_sources",
]

_HOME: Final = "opt/ipt"
_LEFT_OUT: Final = frozenset({"bin", "test", "tests"})
_USELESS: Final = (".c", ".h", ".pyi", ".pyx")

COMPILE: Final = """import compileall, os, pathlib, py_compile, sys
root, place = sys.argv[1:]
children = []
for name in sorted(os.listdir(root)):
    child = os.fork()
    if child:
        children.append(child)
        continue
    layer = pathlib.Path(root, name)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(layer, quiet=2, force=True, stripdir=str(layer),
                           prependdir=place, invalidation_mode=mode)
    for source in layer.rglob("*.py"):
        source.unlink()
    os._exit(0)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""
"""Compiles what lies in folders: each by a process of its own, in sorted order and with
the hash seed of the environment, so that one never changes what another's gets."""


@dataclass(frozen=True)
class Item:
    """A file of a layer.

    Attributes:
        content: where it lies, or what is in it.
        link: what it points to, for a symbolic link.
        executable: whether it is a program.
    """

    content: Path | bytes = b""
    link: str = ""
    executable: bool = False


Items = Mapping[str, Item]


@dataclass(frozen=True)
class Layer:
    """What one layer adds.

    Attributes:
        site: modules and what lies beside them, by names below the site's folder.
        others: anything else, by names below the root.
    """

    site: Items
    others: Items


def site_folder(target: Target) -> str:
    """Return where an image has its Python packages, below its root."""
    return f"{_HOME}/lib/python{target.python}/site-packages"


def installed(folder: Path) -> Items:
    """Return what pip has installed, but for what a function has no use for."""
    return {name: Item(path) for name, path in walk(folder, "") if _is_useful(name)}


def _is_useful(name: str) -> bool:
    path = PurePosixPath(name)
    return not _LEFT_OUT & set(path.parts[:-1]) and path.suffix not in _USELESS


def skeleton(target: Target) -> Items:
    """Return what makes a folder a Python of its own, as the module venv does."""
    program = PurePosixPath(target.executable)
    settings = f"home = {program.parent}\ninclude-system-site-packages = false\n"
    return {
        f"{_HOME}/pyvenv.cfg": Item(settings.encode()),
        f"{_HOME}/bin/python3": Item(link=str(program)),
    }


def launcher(package: str) -> Items:
    """Return the program that an image starts with, which needs no arguments."""
    source = (
        f"#!/{_HOME}/bin/python3 -I\n"
        "import runpy\n\n"
        f'runpy.run_module("{package}", run_name="__main__", alter_sys=True)\n'
    )
    return {f"{_HOME}/bin/function": Item(source.encode(), executable=True)}


def compiled_name(name: str, target: Target) -> str:
    """Return the name of a compiled module beside its source."""
    path = PurePosixPath(name)
    tag = "cpython-" + target.python.replace(".", "")
    return str(path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc")


def write_sources(layers: Mapping[str, Layer], root: str, archive: IO[bytes]) -> None:
    """Pack all modules, each layer's in a folder of its own, to be compiled."""
    modules = {
        f"{root}/{key}/{name}": item
        for key, layer in layers.items()
        for name, item in layer.site.items()
        if name.endswith(".py")
    }
    _write(modules, archive)


def read_compiled(
    archive: IO[bytes], layers: Mapping[str, Layer], target: Target
) -> Mapping[str, Items]:
    """Return the compiled modules of each layer.

    Only what a module of ours can be compiled to is taken: whose image it is that
    compiled them is the operator's choice, not ours.

    Args:
        archive: of the folder with the layers' folders.
        layers: what was compiled.
        target: what compiled it.
    """
    wanted = {
        key: {compiled_name(name, target) for name in layer.site if name[-3:] == ".py"}
        for key, layer in layers.items()
    }
    found: dict[str, dict[str, Item]] = {key: {} for key in layers}
    with tarfile.open(fileobj=archive, mode="r|*") as packed:
        for entry in packed:
            _, _, inside = entry.name.partition("/")
            key, _, name = inside.partition("/")
            content = packed.extractfile(entry) if entry.isfile() else None
            if content is not None and name in wanted.get(key, ()):
                found[key][name] = Item(content.read())
    return found


def write_layer(
    layer: Layer, compiled: Items, target: Target, archive: IO[bytes]
) -> None:
    """Pack a layer with its compiled modules."""
    site = site_folder(target)
    inside = {f"{site}/{name}": i for name, i in {**layer.site, **compiled}.items()}
    _write({**inside, **layer.others}, archive)


def _write(items: Items, archive: IO[bytes]) -> None:
    """Pack files and the folders that they lie in."""
    # Also where a layer adds nothing: an archive of nothing is none to an engine.
    folders = {_HOME, *_folders(_HOME), *(f for name in items for f in _folders(name))}
    with tarfile.open(fileobj=archive, mode="w") as packed:
        for name in sorted({*folders, *items}):
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755
            item = items.get(name)
            if item is None:
                entry.type = tarfile.DIRTYPE
                packed.addfile(entry)
            elif item.link:
                entry.type, entry.linkname = tarfile.SYMTYPE, item.link
                packed.addfile(entry)
            else:
                _add_file(packed, entry, item)


def _folders(name: str) -> Iterator[str]:
    return (str(folder) for folder in PurePosixPath(name).parents if str(folder) != ".")


def _add_file(packed: tarfile.TarFile, entry: tarfile.TarInfo, item: Item) -> None:
    entry.mode = 0o755 if item.executable else 0o644
    if isinstance(item.content, bytes):
        entry.size = len(item.content)
        packed.addfile(entry, io.BytesIO(item.content))
        return
    entry.size = item.content.stat().st_size
    with item.content.open("rb") as stream:
        packed.addfile(entry, stream)
