"""Builds the image of terminals on a container engine.

base ─▶ is it up to date? ─▶ stage `tools` ─▶ what Python has it? ─▶ packages
     ─▶ the whole image, with the digest of all it was made from as a label
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agave_deploy.errors import ImageError
from agave_deploy.images.engine import connect
from agave_deploy.images.image_builds import (
    DIGEST_LABEL,
    TITLE_LABEL,
    VERSION_LABEL,
    ImageBuilder,
    with_tag,
)
from agave_deploy.images.image_sources import SourceFiles, read_packages, walk
from agave_deploy.images.site_packages import Target, Wheels, pack_own

__all__ = [
    "DEFAULT_BASE",
    "IMAGES",
    "TERMINAL_IMAGE",
    "TERMINAL_TAG",
    "ImageOrder",
    "build_image",
]

Say = Callable[[str], None]

TERMINAL_IMAGE: Final = "terminal-session"
TERMINAL_TAG: Final = f"ipt/{TERMINAL_IMAGE}:latest"
IMAGES: Final = (TERMINAL_IMAGE,)
DEFAULT_BASE: Final = "docker.io/library/debian:bookworm-slim"


@dataclass(frozen=True)
class ImageOrder:
    """An image that somebody wants.

    Attributes:
        name: one of `IMAGES`.
        base: the image that it is built on.
        engine: address of the engine, this machine's own where None.
        tag: the name that it gets; `ipt/<name>:latest` where empty.
        force: build it even if nothing has changed.
    """

    name: str
    base: str = DEFAULT_BASE
    engine: str | None = None
    tag: str = ""
    force: bool = False

    @property
    def full_tag(self) -> str:
        """The name that the image gets."""
        return with_tag(self.tag or f"ipt/{self.name}")


def build_image(root: Path, order: ImageOrder, say: Say) -> str:
    """Build an image if what it is made from has changed; return its name.

    Args:
        root: of the checkout.
        order: what is wanted.
        say: takes one line of progress.

    Raises:
        ImageError: It can't be built; says which step failed, with its last lines.
    """
    sources = SourceFiles(root)
    with connect(order.engine) as client:
        builder = ImageBuilder(client, say)
        digest = sources.digest(builder.find_base(order.base))
        if not order.force and builder.is_made(order.full_tag, digest):
            say(f"{order.full_tag} is up to date")
        else:
            _build(builder, sources, order, digest, say)
            say(f"{order.full_tag} is built")
    return order.full_tag


def _build(
    builder: ImageBuilder,
    sources: SourceFiles,
    order: ImageOrder,
    digest: str,
    say: Say,
) -> None:
    """Build it in its three steps."""
    arguments = {
        "BASE": order.base,
        "PACKAGES": " ".join(read_packages(sources.root)),
        "PYTHON": "",
    }
    tools = f"{order.full_tag.rpartition(':')[0]}-tools:latest"
    say(f"step 1 of 3: compilers and tools on {order.base}")
    builder.build(sources.image, tools, arguments=arguments, target="tools")
    target = _ask_python(builder, tools)
    say(f"step 2 of 3: packages for Python {target.python}")
    with tempfile.TemporaryDirectory(prefix="ipt-image-") as work:
        site, own = Path(work, "site"), Path(work, "own")
        wheels = Wheels(target, Path(work))
        wheels.fetch(sources.packages)
        wheels.install(sources.packages, site)
        pack_own(sources, wheels, own)
        files = {
            **sources.image,
            **dict(walk(site, "site/")),
            **dict(walk(own, "own/")),
        }
        say("step 3 of 3: the image")
        builder.build(
            files,
            order.full_tag,
            arguments={**arguments, "PYTHON": target.python},
            labels={
                DIGEST_LABEL: digest,
                VERSION_LABEL: sources.version,
                TITLE_LABEL: order.name,
            },
        )


def _ask_python(builder: ImageBuilder, tools: str) -> Target:
    target = builder.ask_python(tools)
    if not target.has_venv:
        raise ImageError("The base image's Python lacks its module venv.")
    return target
