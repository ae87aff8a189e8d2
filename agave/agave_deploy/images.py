"""Builds images on a container engine, through its API.

base ─▶ is it up to date? ─▶ stage `tools` ─▶ what Python has it? ─▶ packages
     ─▶ the whole image, with the digest of all it was made from as a label
"""

import contextlib
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agave_deploy.engine import connect
from agave_deploy.errors import ImageError
from agave_deploy.image_sources import SourceFiles, pack, read_packages, walk
from agave_deploy.site_packages import PROBE, SitePackages, Target

if TYPE_CHECKING:
    from docker import DockerClient

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
DIGEST_LABEL: Final = "ipt.digest"
_VERSION_LABEL: Final = "org.opencontainers.image.version"
_TITLE_LABEL: Final = "org.opencontainers.image.title"
_LAST_LINES: Final = 12


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
        return _with_tag(self.tag or f"ipt/{self.name}")


def _with_tag(name: str) -> str:
    """Return a name of an image with a tag: an engine may take all of them else."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


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
        build = _Build(client, sources, order, say)
        digest = sources.digest(build.find_base())
        if not order.force and build.is_made(digest):
            say(f"{order.full_tag} is up to date")
        else:
            build.run(digest)
            say(f"{order.full_tag} is built")
    return order.full_tag


class _Build:
    """One build on one engine."""

    def __init__(
        self, client: "DockerClient", sources: SourceFiles, order: ImageOrder, say: Say
    ) -> None:
        self._client = client
        self._sources = sources
        self._order = order
        self._say = say

    def find_base(self) -> str:
        """Return the base's id; it is fetched if the engine has it not."""
        from docker.errors import APIError, ImageNotFound  # noqa: PLC0415 - see engine.py

        base = _with_tag(self._order.base)
        try:
            return str(self._client.images.get(base).id)
        except ImageNotFound:
            self._say(f"fetching {base}")
        reason = ""
        try:
            for part in self._client.api.pull(base, stream=True, decode=True):
                reason = str(part.get("error", "")) or reason
            if not reason:
                return str(self._client.images.get(base).id)
        except APIError as error:
            reason = str(error.explanation)
        raise ImageError(
            f"The base image {base} is not on the engine and can't be fetched; "
            f"another one: --base IMAGE. The engine said: {reason}"
        )

    def is_made(self, digest: str) -> bool:
        """Tell whether the image is there and made from just that."""
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see engine.py

        with contextlib.suppress(ImageNotFound):
            labels = self._client.images.get(self._order.full_tag).labels
            return bool(labels.get(DIGEST_LABEL) == digest)
        return False

    def run(self, digest: str) -> None:
        """Build the image."""
        tools = f"{self._order.full_tag.rpartition(':')[0]}-tools:latest"
        self._say(f"step 1 of 3: compilers and tools on {self._order.base}")
        self._build(self._sources.image, tools, target="tools")
        target = self._probe(tools)
        self._say(f"step 2 of 3: packages for Python {target.python}")
        packages = SitePackages(self._sources, target)
        with tempfile.TemporaryDirectory(prefix="ipt-image-") as work:
            site, own = Path(work, "site"), Path(work, "own")
            packages.make_site(site)
            packages.make_own(own)
            files = {
                **self._sources.image,
                **dict(walk(site, "site/")),
                **dict(walk(own, "own/")),
            }
            self._say("step 3 of 3: the image")
            labels = {
                DIGEST_LABEL: digest,
                _VERSION_LABEL: self._sources.version,
                _TITLE_LABEL: self._order.name,
            }
            tag = self._order.full_tag
            self._build(files, tag, python=target.python, labels=labels)

    def _build(
        self,
        files: Mapping[str, Path],
        tag: str,
        *,
        target: str = "",
        python: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> None:
        packages = " ".join(read_packages(self._sources.root))
        arguments = {"BASE": self._order.base, "PACKAGES": packages, "PYTHON": python}
        with tempfile.TemporaryFile() as archive:
            pack(files, archive)
            archive.seek(0)
            answer = self._client.api.build(
                fileobj=archive,
                custom_context=True,
                tag=tag,
                target=target,
                buildargs=arguments,
                labels=dict(labels or {}),
                rm=True,
                forcerm=True,
                decode=True,
            )
            self._follow(answer)

    def _follow(self, answer: Iterator[dict[str, Any]]) -> None:
        """Say what the engine does; end with it if it fails."""
        last: deque[str] = deque(maxlen=_LAST_LINES)
        error = ""
        for part in answer:  # to its end, which closes the connection
            for line in str(part.get("stream", "")).splitlines():
                if line.strip():
                    last.append(line)
                    self._say(f"  {line}")
            error = error or str(part.get("error", ""))
        if error:
            said = "\n".join(f"  {line}" for line in (*last, error))
            raise ImageError(f"The image can't be built:\n{said}")

    def _probe(self, image: str) -> Target:
        from docker.errors import DockerException  # noqa: PLC0415 - see engine.py

        try:
            said = self._client.containers.run(
                image, ["python3", "-I", "-c", PROBE], network_mode="none", remove=True
            )
        except DockerException as error:
            raise ImageError(
                f"The base image's Python does not run: {error}"
            ) from error
        return Target.read(said.decode(errors="replace"))
