"""The command `image`: builds the images of functions and that of terminals."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from agave_deploy.errors import ImageError
from agave_deploy.images.function_builds import (
    DEFAULT_FUNCTION_BASE,
    FunctionOrder,
    build_functions,
)
from agave_deploy.images.terminal_image import (
    DEFAULT_BASE,
    IMAGES,
    TERMINAL_IMAGE,
    ImageOrder,
    build_image,
)

__all__ = ["add_image_command"]

Say = Callable[[str], None]

_ALL = "functions"
# The part of an image's name before the function's: a registry, folders.
_PREFIX = re.compile(r"(?:[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?/)?(?:[a-z0-9._-]+/)*")


def add_image_command(command: argparse.ArgumentParser, say: Say) -> None:
    """Give the command its arguments, and what it runs.

    Args:
        command: `image`.
        say: takes one line of progress.
    """
    command.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"functions of actors.yaml, `{_ALL}` for all of them (the default), "
        f"or {', '.join(IMAGES)}",
    )
    command.add_argument(
        "--base",
        metavar="IMAGE",
        help=f"what it is built on (functions: {DEFAULT_FUNCTION_BASE}; "
        f"terminals: {DEFAULT_BASE})",
    )
    command.add_argument("--engine", metavar="URL", help="unix:///path/to.sock")
    command.add_argument(
        "--prefix",
        type=_read_prefix,
        default="ipt/",
        metavar="P",
        help="of the names of functions' images, as registry.example.org/ipt/",
    )
    command.add_argument(
        "--wheels", type=Path, metavar="DIR", help="keep the wheels of functions there"
    )
    command.add_argument(
        "--sbom", type=Path, metavar="DIR", help="write what each image is made of"
    )
    command.add_argument(
        "--tag", metavar="NAME", default="", help=f"the name of {TERMINAL_IMAGE}"
    )
    command.add_argument(
        "--force", action="store_true", help="build it even if nothing has changed"
    )
    command.set_defaults(run=lambda options: _run(options, say))


def _read_prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise argparse.ArgumentTypeError(
            "a prefix has lower-case names that end with /, as "
            "registry.example.org/ipt/"
        )
    return text


def _run(options: argparse.Namespace, say: Say) -> int:
    names: list[str] = list(dict.fromkeys(options.names))
    functions = [name for name in names if name not in (_ALL, *IMAGES)]
    if options.tag and names != [TERMINAL_IMAGE]:
        raise ImageError(
            f"--tag is for {TERMINAL_IMAGE} alone; the tags of functions' images "
            "follow from their content. For the names before them: --prefix"
        )
    if _ALL in names and functions:
        raise ImageError(f"`{_ALL}` is all of them; name no function beside it")
    if TERMINAL_IMAGE in names:
        order = ImageOrder(
            TERMINAL_IMAGE,
            base=options.base or DEFAULT_BASE,
            engine=options.engine,
            tag=options.tag,
            force=options.force,
        )
        build_image(options.root, order, say)
    if functions or _ALL in names or not names:
        wanted = FunctionOrder(
            () if _ALL in names else tuple(functions),
            base=options.base or DEFAULT_FUNCTION_BASE,
            engine=options.engine,
            prefix=options.prefix,
            wheels=options.wheels,
            bills=options.sbom,
            force=options.force,
        )
        build_functions(options.root, wanted, say)
    return 0
