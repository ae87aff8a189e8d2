"""What the checkout wants to be deployed, as values that never change.

`Function` derives everything from its one name, so that no name is listed twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "App",
    "AppTemplate",
    "Document",
    "Function",
    "Grants",
    "Limits",
    "Manifest",
    "System",
]

Document = Mapping[str, Any]
Grants = Literal["members", "admins", "nobody"]


@dataclass(frozen=True)
class Limits:
    """What an actor may use; a tenant's own limits hold where nothing is said.

    Attributes:
        workers: executions at a time.
        memory: of an execution, as `512m`.
        processors: of an execution, in thousandths of one.
    """

    workers: int | None = None
    memory: str = ""
    processors: int | None = None

    def to_registration(self) -> dict[str, Any]:
        """Return the fields of Abaco's that say so."""
        billionths = None if self.processors is None else self.processors * 1_000_000
        fields = {
            "maxWorkers": self.workers,
            "memLimit": self.memory,
            "maxCpus": billionths,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class Function:
    """One entry of `actors.yaml`.

    Attributes:
        name: with hyphens, as in URLs and images.
        description: one sentence for people.
        configs: names of the Abaco configs that it reads, without the instance.
        secrets: names of the secret ones among those that it reads.
        grants: who may send messages.
        nonce: whether callers who have not signed in reach it by a nonce.
        extras: groups of `pyproject.toml` that its image has.
        limits: of its executions.
        hints: for Abaco.
        cron: Abaco's schedule of messages to it; empty for none.
    """

    name: str
    description: str
    configs: tuple[str, ...]
    grants: Grants
    secrets: tuple[str, ...] = ()
    nonce: bool = False
    extras: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    hints: tuple[str, ...] = ()
    cron: str = ""

    @property
    def package(self) -> str:
        """The importable package of its code."""
        return "functions." + self.name.replace("-", "_")

    @property
    def image(self) -> str:
        """The image that the local tenant knows as a program, in no container."""
        return f"ipt/{self.name}"

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of all configs that it reads, secret ones too."""
        return (*self.configs, *self.secrets)

    def alias(self, instance: str) -> str:
        """Return the name under which callers reach it."""
        return f"{instance}-{self.name}"

    def actor(
        self, instance: str, image: str = "", *, limited: bool = False
    ) -> dict[str, Any]:
        """Return the registration that Abaco gets.

        Args:
            instance: of the installation.
            image: that is started; the program's name where empty.
            limited: whether the account may set limits, which takes a role.
        """
        schedule = {"cronSchedule": self.cron} if self.cron else {}
        return {
            "name": f"ipt-{instance}-{self.name}",
            "description": self.description,
            "image": image or self.image,
            "stateless": True,
            "token": True,
            "hints": list(self.hints),
            # None, whatever somebody gave it by hand (decision 0036).
            "defaultEnvironment": {},
            **(self.limits.to_registration() if limited else {}),
            **schedule,
            # Said where there is none, too: an earlier schedule must not go on.
            "cronOn": bool(self.cron),
        }


@dataclass(frozen=True)
class System:
    """A storage or execution system.

    Attributes:
        document: the registration; its `auth` may hold a secret.
        public: whether everybody on the tenant may see it.
        user: the account that its jobs run as, where it is reached over SSH.
        credential: name of the secret that is the private key for it.
    """

    document: Document = field(repr=False)
    public: bool = False
    user: str = ""
    credential: str = ""

    @property
    def id(self) -> str:
        """Its identifier."""
        return str(self.document["id"])

    @property
    def runs_jobs(self) -> bool:
        """Whether members need a role on it to submit jobs."""
        return bool(self.document["type"] == "EXECUTION")


@dataclass(frozen=True)
class AppTemplate:
    """What the apps of one name have in common on all systems.

    Attributes:
        name: of its folder, such as `ipt-run`.
        document: the registration but for name, version and execution system.
        folder: where its wrapper script lies in the checkout.
        shared: further files of every app, which lie beside the wrapper script.
    """

    name: str
    document: Document
    folder: Path
    shared: tuple[Path, ...] = ()


@dataclass(frozen=True)
class App:
    """An app and the files that it is made of.

    Attributes:
        document: the registration.
        folder: where its wrapper script lies in the checkout.
        shared: further files, which lie beside the wrapper script.
    """

    document: Document
    folder: Path
    shared: tuple[Path, ...] = ()

    @property
    def id(self) -> str:
        """Its identifier: name and version."""
        return f"{self.document['name']}-{self.document['version']}"

    @property
    def system(self) -> str:
        """The storage system that its files go to."""
        return str(self.document["deploymentSystem"])

    @property
    def path(self) -> str:
        """The folder on that system."""
        return str(self.document["deploymentPath"])


@dataclass(frozen=True)
class Manifest:
    """All registrations of a checkout.

    Attributes:
        functions: in the order of `actors.yaml`.
        systems: storage systems of the checkout, then those of the registry.
        templates: what the apps of each system are made of, by name.
        site: folder of the static site.
        apps: of the registry's systems, with their wrapper scripts.
        registry: what the functions are told of each system.
    """

    functions: tuple[Function, ...]
    systems: tuple[System, ...]
    templates: Mapping[str, AppTemplate]
    site: Path
    apps: tuple[App, ...] = ()
    registry: tuple[Document, ...] = ()
    images: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        images = {function.image: function.package for function in self.functions}
        object.__setattr__(self, "images", images)
