"""What runs the functions of the local stack: programs, or containers of an engine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.errors import ImageError, StackError
from agave_deploy.images.engine import connect, find_engine
from agave_deploy.images.function_images import image_name

__all__ = ["FUNCTION_KINDS", "FunctionChoice", "choose_functions"]

FUNCTION_KINDS: Final = ("programs", "containers")
_PREFIX: Final = "ipt/"


@dataclass(frozen=True)
class FunctionChoice:
    """What a person chose for functions.

    Attributes:
        engine: the engine that runs them in containers; empty for programs.
    """

    engine: str = ""

    @property
    def prefix(self) -> str:
        """The prefix of their images; empty for programs."""
        return _PREFIX if self.engine else ""

    @property
    def tenant_options(self) -> list[str]:
        """The options that the tenant gets.

        A container reaches the tenant at its own address, which is the loopback's,
        by being in the machine's network.
        """
        if not self.engine:
            return []
        return ["--docker", self.engine, "--docker-network", "host"]

    def check(self, root: Path, *, has_hosts: bool) -> None:
        """Refuse what would fail at the first message.

        Args:
            root: of the checkout.
            has_hosts: whether terminals have execution hosts over SSH.

        Raises:
            ImageError: An image is missing; says how it is made.
            StackError: There is no way from a container to the terminals' host.
        """
        if not self.engine:
            return
        if not has_hosts:
            raise StackError(
                "Functions in containers reach terminals over SSH alone: name an "
                "execution host as terminal_hosts in settings.yaml of the data folder "
                "(docs/terminals.md)."
            )
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see engine.py

        missing = []
        with connect(self.engine) as client:
            for function in read_manifest(root).functions:
                try:
                    client.images.get(image_name(root, function, self.prefix))
                except ImageNotFound:
                    missing.append(function.name)
        if missing:
            raise ImageError(
                f"The engine has no current images of {', '.join(sorted(missing))}; "
                "build them: ./build.sh image functions"
            )


def choose_functions(kind: str, engine: str | None) -> FunctionChoice:
    """Return what runs functions.

    Args:
        kind: one of `FUNCTION_KINDS`.
        engine: address of the engine, if the person named one.

    Raises:
        StackError: Containers are wanted, and there is no engine on this machine.
    """
    if kind != "containers":
        return FunctionChoice()
    address = engine or find_engine() or ""
    if not address.startswith("unix:"):
        raise StackError(
            "Functions in containers need an engine on this machine: --engine "
            "unix:///path/to.sock, or start Docker or podman's service."
        )
    return FunctionChoice(address)
