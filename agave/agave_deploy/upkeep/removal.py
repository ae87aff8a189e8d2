"""Takes an instance off a tenant again: what goes, what stays, and in which order.

What people made stays unless that is asked for: their homes, the records of their
terminals, what they submitted.  What several instances on one tenant share (systems,
apps, the site) goes with the last of them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from agave_deploy.bundle.models import Manifest
from agave_deploy.planning.folders import SITE
from agave_deploy.profiles.profile import Profile
from agave_deploy.tenant.client import TenantClient
from agave_deploy.tenant.state import State

__all__ = ["Removal", "make_removal"]

_RUNS: Final = frozenset({"READY", "SUBMITTED"})
_OF_AN_INSTANCE: Final = re.compile(r"ipt-(.+)-auth-callback")


@dataclass(frozen=True)
class _Item:
    """One thing that goes."""

    line: str
    remove: Callable[[], object]


@dataclass(frozen=True)
class Removal:
    """What goes, in order, and what stays."""

    items: tuple[_Item, ...]
    stays: tuple[str, ...]

    def __str__(self) -> str:
        going = [f"  - {item.line}" for item in self.items] or ["  nothing"]
        return "\n".join(
            ["this goes:", *going, "this stays:", *(f"  {line}" for line in self.stays)]
        )

    def run(self, say: Callable[[str], None]) -> None:
        """Remove everything; what was removed already is no error.

        Raises:
            TenantError: It could not be finished; the next run goes on.
        """
        for item in self.items:
            say(f"- {item.line}")
            item.remove()


def make_removal(
    client: TenantClient,
    manifest: Manifest,
    profile: Profile,
    state: State,
    *,
    with_data: bool,
) -> Removal:
    """Return what is to be removed; changes nothing.

    Args:
        client: signed in as the service account.
        manifest: of the checkout.
        profile: of the tenant.
        state: what the tenant holds.
        with_data: whether what people made goes, too.
    """
    maker = _Maker(client, manifest, profile, state, with_data=with_data)
    return Removal(tuple(maker.items()), tuple(maker.stays()))


class _Maker:
    def __init__(
        self,
        client: TenantClient,
        manifest: Manifest,
        profile: Profile,
        state: State,
        *,
        with_data: bool,
    ) -> None:
        self._client = client
        self._manifest = manifest
        self._profile = profile
        self._state = state
        self._with_data = with_data
        self._others = sorted(self._find_others())
        start = f"ipt-{profile.instance}-"
        query = {"name": {"$regex": f"^{re.escape(start)}"}}
        self._documents = [
            document
            for document in client.documents(query)
            if not _is_of_another(str(document["name"]), start, self._others)
        ]
        end = f"-{profile.instance}-IPT"
        self._records = client.documents({"name": {"$regex": f"{re.escape(end)}$"}})

    def _find_others(self) -> Iterator[str]:
        for actor in self._state.actors.values():
            found = _OF_AN_INSTANCE.fullmatch(str(actor.get("name")))
            if found and found[1] != self._profile.instance:
                yield found[1]

    def items(self) -> Iterator[_Item]:
        yield from self._functions()
        yield from self._notes()
        if not self._others:
            yield from self._apps()
            yield from self._folders()
            yield from self._systems()
        name = f"ipt-{self._profile.instance}"
        if self._client.find_client(name) is not None:
            # Last: without it nobody can sign in to go on.
            yield _Item(
                f"OAuth client {name}", lambda: self._client.delete_client(name)
            )

    def _functions(self) -> Iterator[_Item]:
        state, client = self._state, self._client
        for alias, nonces in state.nonces.items():
            for nonce in nonces:
                yield _Item(
                    f"nonce for {alias}", _call(client.delete_nonce, alias, nonce)
                )
        for alias in state.aliases:
            yield _Item(f"alias {alias}", _call(client.delete_alias, alias))
        instance = self._profile.instance
        names = {f.actor(instance)["name"] for f in self._manifest.functions}
        for actor, found in state.actors.items():
            if found.get("name") in names:
                yield _Item(f"actor {found['name']}", _call(client.delete_actor, actor))
        wanted = {f"{instance}-{n}" for f in self._manifest.functions for n in f.reads}
        for config in sorted(wanted & state.configs.keys()):
            yield _Item(f"config {config}", _call(client.delete_config, config))

    def _notes(self) -> Iterator[_Item]:
        kept = f"ipt-{self._profile.instance}-request-"
        documents = [
            each
            for each in self._documents
            if self._with_data or not str(each["name"]).startswith(kept)
        ]
        if self._with_data:
            documents += self._records
        for document in documents:
            uuid = str(document["uuid"])
            yield _Item(
                f"document {document['name']}",
                _call(self._client.delete_document, uuid),
            )

    def _apps(self) -> Iterator[_Item]:
        for app in self._state.apps:
            yield _Item(f"app {app}", _call(self._client.delete_app, app))

    def _folders(self) -> Iterator[_Item]:
        systems = self._state.systems
        folders = {(app.system, app.path) for app in self._manifest.apps}
        folders.add((self._profile.site_system, SITE))
        for system, path in sorted(folders):
            if system in systems and self._client.list_folder(system, path):
                yield _Item(
                    f"files {system}:{path}",
                    _call(self._client.delete_file, system, path),
                )
        homes = self._profile.storage_system
        if self._with_data and homes in systems:
            for entry in self._client.list_folder(homes, ""):
                name = str(entry.get("name"))
                yield _Item(
                    f"home {homes}:{name}",
                    _call(self._client.delete_file, homes, name),
                )

    def _systems(self) -> Iterator[_Item]:
        for system in reversed(self._manifest.systems):  # what uses others goes first
            is_kept = system.id == self._profile.storage_system and not self._with_data
            if system.id in self._state.systems and not is_kept:
                yield _Item(
                    f"system {system.id}", _call(self._client.delete_system, system.id)
                )

    def stays(self) -> Iterator[str]:
        yield (
            f"the account {self._profile.service_account}, and the secrets in "
            f"{self._profile.secrets}"
        )
        if self._others:
            yield (
                "systems, apps, site and homes: the instance "
                f"{', '.join(self._others)} uses them, too"
            )
        elif not self._with_data:
            homes = self._profile.storage_system
            yield f"the homes, on the system {homes} (they go with --with-data)"
        if not self._with_data:
            yield "what is noted of people's terminals and of what they submitted"
        yield "the jobs in the tenant's own history: only who submitted one may hide it"
        running = [
            str(document["name"])
            for document in self._records
            if isinstance(document.get("value"), dict)
            and document["value"].get("status") in _RUNS
        ]
        if running:
            yield (
                f"{len(running)} terminals that run now, until they end by themselves: "
                "stop them first"
            )


def _is_of_another(name: str, start: str, others: list[str]) -> bool:
    """Tell whether a document is of an instance whose name begins with ours."""
    longer = [f"ipt-{other}-" for other in others if f"ipt-{other}-".startswith(start)]
    return any(name.startswith(other) for other in longer)


def _call(remove: Callable[..., object], *names: str) -> Callable[[], object]:
    return lambda: remove(*names)
