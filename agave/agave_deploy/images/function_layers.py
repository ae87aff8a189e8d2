"""From the sources of functions to their layers, each made once for all that share it.

packages   what others wrote and every function has, and a Python of its own
extras     what others wrote and these extras bring
shared     the packages of ours that functions share
own        the function's own package, the program that starts it, our licence
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from agave_deploy.errors import ImageError
from agave_deploy.images.function_images import FunctionSources
from agave_deploy.images.image_layers import (
    Item,
    Items,
    Layer,
    installed,
    launcher,
    skeleton,
)
from agave_deploy.images.image_sizes import PARTS
from agave_deploy.images.site_packages import Target, Wheels
from agave_deploy.supply.lock import Pinned

__all__ = ["LICENCE", "LayerMaker", "layer_key"]

LICENCE: Final = "opt/ipt/LICENSE"
_LICENCE: Final = ".dist-info/licenses/LICENSE"


def layer_key(sources: FunctionSources, part: str) -> str:
    """Return what tells a layer apart from the others of a build."""
    match part:
        case "packages":
            return part
        case "extras":
            return "-".join((part, *sources.extras))
        case "shared":
            return "-".join((part, *sources.shared_packages))
        case _:
            return f"{part}-{sources.function.name}"


class LayerMaker:
    """Makes layers for one Python.

    Args:
        target: that Python.
        wheels: of all packages that are needed.
        own: the wheel of what is ours.
        folder: where packages are unpacked; they are read from there later.
    """

    def __init__(
        self, target: Target, wheels: Wheels, own: ZipFile, folder: Path
    ) -> None:
        self._target = target
        self._wheels = wheels
        self._own = own
        self._folder = folder

    def make(self, wanted: Iterable[FunctionSources]) -> dict[str, Layer]:
        """Return the layers of some functions' images, by their keys.

        Raises:
            ImageError: Something is missing that belongs there.
        """
        layers: dict[str, Layer] = {}
        for sources in wanted:
            for part in PARTS:
                key = layer_key(sources, part)
                if key not in layers:
                    layers[key] = self._make(sources, part, self._folder / key)
        return layers

    def _make(self, sources: FunctionSources, part: str, folder: Path) -> Layer:
        match part:
            case "packages":
                site = self._install(sources.packages, folder)
                return Layer(site, skeleton(self._target))
            case "extras":
                return Layer(self._install(sources.extra_packages, folder), {})
            case "shared":
                return Layer(self._take(sources.shared), {})
            case _:
                others = {**launcher(sources.function.package), **self._licence()}
                return Layer(self._take(sources.own), others)

    def _install(self, packages: Sequence[Pinned], folder: Path) -> Items:
        if packages:
            self._wheels.install(packages, folder)
        return installed(folder)

    def _licence(self) -> Items:
        """Return our licence, which goes with what is ours."""
        texts = [name for name in self._own.namelist() if name.endswith(_LICENCE)]
        return {LICENCE: Item(self._own.read(texts[0]))} if texts else {}

    def _take(self, names: Iterable[str]) -> Items:
        """Return files of the wheel of what is ours."""
        try:
            return {name: Item(self._own.read(name)) for name in names}
        except KeyError as error:
            raise ImageError(f"The wheel of the checkout has no {error}") from error
