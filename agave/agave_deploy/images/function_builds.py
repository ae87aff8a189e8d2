"""Builds the images of functions on a container engine.

actors.yaml ─▶ names from the content ─▶ which of them are not there?
base ─▶ what Python has it? ─▶ wheels, each once ─▶ layers, each once
     ─▶ all modules compiled by that Python, in one container
     ─▶ an image for each function: packages, extras, shared, own
"""

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Function
from agave_deploy.errors import ImageError
from agave_deploy.images.engine import connect
from agave_deploy.images.function_images import FunctionSources, image_name
from agave_deploy.images.function_layers import LayerMaker, layer_key
from agave_deploy.images.image_builds import (
    DIGEST_LABEL,
    REVISION_LABEL,
    TITLE_LABEL,
    VERSION_LABEL,
    ImageBuilder,
)
from agave_deploy.images.image_layers import (
    COMPILE,
    Layer,
    read_compiled,
    site_folder,
    write_layer,
    write_sources,
)
from agave_deploy.images.image_sizes import PARTS, describe, measure
from agave_deploy.images.parts import read_wheels
from agave_deploy.images.site_packages import Target, Wheels
from agave_deploy.supply.sbom import write_sbom

__all__ = [
    "DEFAULT_FUNCTION_BASE",
    "FunctionOrder",
    "build_functions",
    "read_revision",
]

Say = Callable[[str], None]

DEFAULT_FUNCTION_BASE: Final = "docker.io/library/python:3.11-slim-bookworm"
_OLDEST_PYTHON: Final = (3, 11)
_BUILD: Final = "ipt-build"
_LAYER: Final = "layer"  # the stage of the Dockerfile


@dataclass(frozen=True)
class FunctionOrder:
    """Images of functions that somebody wants.

    Attributes:
        names: of the functions; all of them where empty.
        base: the image that they are built on.
        engine: address of the engine, this machine's own where None.
        prefix: of the images' names.
        wheels: folder where wheels are kept from one build to the next, if any.
        bills: folder that gets a bill of materials of each image, if any.
        force: build them even if nothing has changed.
    """

    names: Sequence[str] = ()
    base: str = DEFAULT_FUNCTION_BASE
    engine: str | None = None
    prefix: str = "ipt/"
    wheels: Path | None = None
    bills: Path | None = None
    force: bool = False


def build_functions(root: Path, order: FunctionOrder, say: Say) -> dict[str, str]:
    """Build what is not there yet; return the image of each function by its name.

    Args:
        root: of the checkout.
        order: what is wanted.
        say: takes one line of progress.

    Raises:
        ImageError: One can't be built; says which step failed, with its last lines.
        ManifestError: The list of functions is wrong.
    """
    functions = _choose(read_manifest(root).functions, order.names)
    names = {each.name: image_name(root, each, order.prefix) for each in functions}
    wanted = [FunctionSources(root, function) for function in functions]
    with connect(order.engine) as client:
        builder = ImageBuilder(client, say)
        base = builder.find_base(order.base)
        missing = [
            each
            for each in wanted
            if order.force
            or not builder.is_made(names[each.function.name], _digest(each, base))
        ]
        if missing or order.bills:
            with tempfile.TemporaryDirectory(prefix="ipt-image-") as work:
                build = _Build(builder, order, base, Path(work), say)
                build.run(missing, wanted, names)
        for each in wanted:
            name = names[each.function.name]
            done = "is built" if each in missing else "is up to date"
            say(f"{name} {done}: {describe(measure(client, name))}")
    return names


def _choose(known: Iterable[Function], names: Sequence[str]) -> list[Function]:
    by_name = {function.name: function for function in known}
    for name in names:
        if name not in by_name:
            raise ImageError(
                f"There is no function {name}; there are {', '.join(by_name)}."
            )
    return [by_name[name] for name in names or by_name]


def _digest(sources: FunctionSources, base: str) -> str:
    return f"{sources.digest}-{base}"


def read_revision(root: Path) -> str:
    """Return the commit that a checkout is at, empty where nothing tells it."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


class _Build:
    """One build of some functions' images."""

    def __init__(
        self,
        builder: ImageBuilder,
        order: FunctionOrder,
        base: str,
        work: Path,
        say: Say,
    ) -> None:
        self._builder = builder
        self._order = order
        self._base = base
        self._work = work
        self._say = say
        self._built: dict[str, str] = {}
        self._folder = order.wheels or work / "wheels"
        self._folder.mkdir(parents=True, exist_ok=True)

    def run(
        self,
        missing: Sequence[FunctionSources],
        wanted: Sequence[FunctionSources],
        names: Mapping[str, str],
    ) -> None:
        """Build what is missing, and write the bills of all that are wanted."""
        target = self._ask_python()
        self._say(f"packages for Python {target.python}, by their digests")
        wheels = Wheels(target, self._folder)
        listed = wanted if self._order.bills else missing
        needed = {p for each in listed for p in (*each.packages, *each.extra_packages)}
        wheels.fetch(sorted(needed, key=lambda pinned: pinned.name))
        if missing:
            self._build_all(missing, names, wheels, target)
        if self._order.bills:
            for each in wanted:
                path = self._order.bills / f"{each.function.name}.json"
                packages = (*each.packages, *each.extra_packages)
                parts = read_wheels(self._folder, packages)
                write_sbom(path, names[each.function.name], parts)

    def _ask_python(self) -> Target:
        target = self._builder.ask_python(self._order.base)
        if target.version < _OLDEST_PYTHON:
            raise ImageError(
                f"The base image has Python {target.python}; functions need "
                f"{'.'.join(map(str, _OLDEST_PYTHON))} or later. Another one: "
                "--base IMAGE"
            )
        return target

    def _build_all(
        self,
        missing: Sequence[FunctionSources],
        names: Mapping[str, str],
        wheels: Wheels,
        target: Target,
    ) -> None:
        root = missing[0].root
        with ZipFile(wheels.build(root)) as own:
            layers = LayerMaker(target, wheels, own, self._work / "site").make(missing)
        self._say(f"{len(layers)} layers for {len(missing)} images")
        archives = self._write_layers(layers, target)
        revision = read_revision(root)
        for sources in missing:
            self._build(sources, names[sources.function.name], archives, revision)

    def _write_layers(
        self, layers: Mapping[str, Layer], target: Target
    ) -> dict[str, Path]:
        """Compile the layers' modules and pack them; return the archives by key."""
        with tempfile.TemporaryFile() as sources, tempfile.TemporaryFile() as made:
            write_sources(layers, _BUILD, sources)
            sources.seek(0)
            arguments = [COMPILE, f"/{_BUILD}", f"/{site_folder(target)}"]
            self._builder.transform(
                self._order.base, arguments, sources, f"/{_BUILD}", made
            )
            made.seek(0)
            compiled = read_compiled(made, layers, target)
        archives = {key: self._work / f"{key}.tar" for key in layers}
        for key, layer in layers.items():
            with archives[key].open("wb") as archive:
                write_layer(layer, compiled[key], target, archive)
        return archives

    def _build(
        self,
        sources: FunctionSources,
        name: str,
        archives: Mapping[str, Path],
        revision: str,
    ) -> None:
        """Build what is not built yet of a function's layers, one on the other."""
        below, path = self._order.base, ""
        for part in PARTS:
            key = layer_key(sources, part)
            path = f"{path}/{key}"
            is_last = part == PARTS[-1]
            labels = {
                TITLE_LABEL: sources.function.name,
                VERSION_LABEL: sources.version,
                DIGEST_LABEL: _digest(sources, self._base),
                **({REVISION_LABEL: revision} if revision else {}),
            }
            if path not in self._built:
                self._built[path] = self._builder.build(
                    {"Dockerfile": sources.dockerfile, "layer.tar": archives[key]},
                    name if is_last else "",
                    arguments={"BASE": below},
                    target="" if part == PARTS[0] else _LAYER,
                    labels=labels if is_last else {},
                )
            below = self._built[path]
