"""What every build of an image asks of a container engine, through its API."""

import contextlib
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from agave_deploy.errors import ImageError
from agave_deploy.images.image_sources import pack
from agave_deploy.images.site_packages import PROBE, Target

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

__all__ = [
    "DIGEST_LABEL",
    "REVISION_LABEL",
    "TITLE_LABEL",
    "VERSION_LABEL",
    "ImageBuilder",
    "with_tag",
]

Say = Callable[[str], None]

DIGEST_LABEL: Final = "ipt.digest"
TITLE_LABEL: Final = "org.opencontainers.image.title"
REVISION_LABEL: Final = "org.opencontainers.image.revision"
VERSION_LABEL: Final = "org.opencontainers.image.version"
_LAST_LINES: Final = 12
_PIECE: Final = 2**20
_BUILT: Final = re.compile(r"Successfully built (?P<id>[0-9a-f]{12,64})")


def with_tag(name: str) -> str:
    """Return a name of an image with a tag: an engine may take all of them else."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


class ImageBuilder:
    """Builds images on one engine.

    Args:
        client: of the engine.
        say: takes one line of progress.
    """

    def __init__(self, client: "DockerClient", say: Say) -> None:
        self._client = client
        self._say = say

    def find_base(self, base: str) -> str:
        """Return the id of a base image; it is fetched if the engine has it not.

        Raises:
            ImageError: It is nowhere.
        """
        from docker.errors import APIError  # noqa: PLC0415 - see engine.py

        name = with_tag(base)
        image = self.find(name)
        if image is not None:
            return str(image.id)
        self._say(f"fetching {name}")
        reason = ""
        try:
            for part in self._client.api.pull(name, stream=True, decode=True):
                reason = str(part.get("error", "")) or reason
            if not reason:
                return str(self._client.images.get(name).id)
        except APIError as error:
            reason = str(error.explanation)
        raise ImageError(
            f"The base image {name} is not on the engine and can't be fetched; "
            f"another one: --base IMAGE. The engine said: {reason}"
        )

    def find(self, name: str) -> "Image | None":
        """Return an image that the engine has."""
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see engine.py

        with contextlib.suppress(ImageNotFound):
            return self._client.images.get(name)
        return None

    def is_made(self, name: str, digest: str) -> bool:
        """Tell whether an image is there and made from just that."""
        image = self.find(name)
        return image is not None and image.labels.get(DIGEST_LABEL) == digest

    def build(
        self,
        files: Mapping[str, Path],
        tag: str,
        *,
        arguments: Mapping[str, str],
        target: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> str:
        """Build an image; return its id.

        Args:
            files: what the engine gets, by their names there.
            tag: the image's name; it has none where empty.
            arguments: of the Dockerfile.
            target: its stage; the last one where empty.
            labels: of the image.

        Raises:
            ImageError: A step failed; says which one, with its last lines.
        """
        with tempfile.TemporaryFile() as archive:
            pack(files, archive)
            archive.seek(0)
            answer = self._client.api.build(
                fileobj=archive,
                custom_context=True,
                tag=tag or None,
                target=target,
                buildargs=dict(arguments),
                labels=dict(labels or {}),
                rm=True,
                forcerm=True,
                decode=True,
            )
            return self._follow(answer)

    def _follow(self, answer: Iterator[dict[str, Any]]) -> str:
        """Say what the engine does; end with it if it fails, else return the id."""
        built = ""
        last: deque[str] = deque(maxlen=_LAST_LINES)
        error = ""
        for part in answer:  # to its end, which closes the connection
            for line in str(part.get("stream", "")).splitlines():
                if line.strip():
                    last.append(line)
                    self._say(f"  {line}")
                if made := _BUILT.match(line):
                    built = made["id"]
            error = error or str(part.get("error", ""))
        if error:
            said = "\n".join(f"  {line}" for line in (*last, error))
            raise ImageError(f"The image can't be built:\n{said}")
        return built

    def ask_python(self, image: str) -> Target:
        """Return what Python an image has.

        Raises:
            ImageError: None that runs, or none that wheels are made for.
        """
        from docker.errors import DockerException  # noqa: PLC0415 - see engine.py

        try:
            said = self._client.containers.run(
                image,
                [PROBE],
                entrypoint=["python3", "-I", "-c"],
                network_mode="none",
                remove=True,
            )
        except DockerException as error:
            raise ImageError(
                f"The base image's Python does not run: {error}"
            ) from error
        return Target.read(said.decode(errors="replace"))

    def transform(
        self,
        image: str,
        arguments: Sequence[str],
        files: IO[bytes],
        folder: str,
        made: IO[bytes],
    ) -> None:
        """Have a Python program work on files in a container of an image.

        Args:
            image: that has the Python.
            arguments: the program's text and its arguments.
            files: archive that is unpacked at the container's root before.
            folder: that the program leaves its work in.
            made: gets the archive of that folder.

        Raises:
            ImageError: It failed.
        """
        from docker.errors import DockerException  # noqa: PLC0415 - see engine.py

        container = None
        try:
            container = self._client.containers.create(
                image,
                list(arguments),
                # Not isolated from the environment: it has the hash seed.
                entrypoint=["python3", "-s", "-c"],
                environment={"PYTHONHASHSEED": "0"},
                network_mode="none",
                user="0:0",
            )
            container.put_archive("/", files)
            container.start()
            if container.wait()["StatusCode"] != 0:
                said = container.logs(tail=_LAST_LINES).decode(errors="replace")
                raise ImageError(f"The base image's Python can't compile:\n{said}")
            pieces, _ = container.get_archive(folder, chunk_size=_PIECE)
            for piece in pieces:
                made.write(piece)
        except DockerException as error:
            raise ImageError(f"The base image can't be used: {error}") from error
        finally:
            if container is not None:
                container.remove(force=True)
