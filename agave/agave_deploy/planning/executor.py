"""Takes the steps of a plan, one after the other.

Each step is recorded by the tenant itself (and a secret's fingerprint in the vault)
as soon as it is taken, so that a run that was interrupted is finished by the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from agave_deploy.planning.folders import (
    CONFIG_FILE,
    MANIFEST_FILE,
    Folder,
    differences,
    write_digests,
)
from agave_deploy.planning.plan import Plan, system_key
from agave_deploy.planning.site_upload import SiteUpload, upload_file
from agave_deploy.planning.steps import (
    CopyFolder,
    DropNonce,
    GrantActor,
    GrantApp,
    GrantSystem,
    MakeNonce,
    NoteReleases,
    PublishSystem,
    PutActor,
    PutAlias,
    PutApp,
    PutConfig,
    PutSite,
    PutSystem,
    Step,
)
from agave_deploy.planning.wanted import Wanted, write_site_config
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.credentials import auth_digest
from agave_deploy.tenant.client import TenantClient
from agave_deploy.tenant.state import NONCE, State
from agave_deploy.upkeep.releases import Release, read_releases, save_releases, to_time

__all__ = ["APPLIED", "NONCES", "Executor"]

APPLIED = "applied"  # the vault's fingerprints of secret configs and systems' keys
NONCES = "nonces"  # the vault's nonces by alias


class Executor:
    """Carries out plans on one tenant.

    Args:
        client: signed in as the service account.
        vault: keeps what the tenant does not give back.
        wanted: what the plan leads to.
        state: what the plan started from.
        say: takes one line for each step.
    """

    def __init__(
        self,
        client: TenantClient,
        vault: Vault,
        wanted: Wanted,
        state: State,
        say: Callable[[str], None],
    ) -> None:
        self._client = client
        self._vault = vault
        self._wanted = wanted
        self._state = state
        self._say = say
        self._actors = {
            wanted.alias(function): actor
            for function in wanted.functions
            if (actor := self._known_actor(wanted.alias(function)))
        }

    def _known_actor(self, alias: str) -> str | None:
        name = f"ipt-{alias}"
        return self._state.actor_of(alias, name)

    def run(self, plan: Plan) -> None:
        """Take all steps.

        Raises:
            TenantError: A step failed; those before it are done and stay so.
        """
        for step in plan.steps:
            self._say(str(step))
            self._take(step)
        for note in plan.notes:
            self._say(note)

    def _take(self, step: Step) -> None:
        match step:
            case PutSystem():
                self._put_system(step)
            case PublishSystem():
                self._client.publish_system(step.system)
            case GrantSystem():
                self._client.set_system_role(step.system, step.user, "USER")
            case CopyFolder():
                self._copy(step)
            case PutSite():
                SiteUpload(self._client, self._with_config(step), step.record).run()
            case PutApp():
                self._client.put_app(step.app, step.document, exists=step.exists)
            case GrantApp():
                self._client.grant_app(step.app, step.user)
            case _:
                self._take_actor_step(step)

    def _take_actor_step(
        self,
        step: (
            PutActor
            | PutAlias
            | GrantActor
            | NoteReleases
            | PutConfig
            | MakeNonce
            | DropNonce
        ),
    ) -> None:
        match step:
            case PutActor():
                actor = self._client.put_actor(step.document, step.actor)
                self._actors[step.alias] = actor
            case PutAlias():
                actor = self._actors[step.alias]
                self._client.put_alias(step.alias, actor, exists=step.exists)
            case GrantActor():
                self._client.grant_actor(self._actors[step.alias], step.user)
            case PutConfig():
                self._put_config(step)
            case MakeNonce():
                nonce = self._client.make_nonce(step.alias, NONCE)
                self._keep(NONCES, {step.alias: nonce})
            case DropNonce():
                self._client.delete_nonce(step.alias, step.nonce)
            case NoteReleases():
                self._note(step)

    def _put_system(self, step: PutSystem) -> None:
        self._client.put_system(step.document, exists=step.exists)
        digest = auth_digest(step.document)
        if digest:
            self._keep(APPLIED, {system_key(str(step.document["id"])): digest})

    def _put_config(self, step: PutConfig) -> None:
        config = step.config
        self._client.put_config(
            config.name,
            config.value,
            ",".join(config.actors),
            secret=config.secret,
            exists=step.exists,
        )
        if config.secret:
            self._keep(APPLIED, {config.name: config.digest})

    def _keep(self, name: str, values: Mapping[str, str]) -> None:
        self._vault.write_object(name, {**self._vault.read_object(name), **values})

    def _note(self, step: NoteReleases) -> None:
        instance = self._wanted.profile.instance
        # Read again: somebody else may have deployed meanwhile.
        noted = read_releases(self._client, instance)
        aliases = {f.name: self._wanted.alias(f) for f in self._wanted.functions}
        for name, image in step.releases:
            actor = self._client.find_actor(self._actors[aliases[name]]) or {}
            is_there = actor.get("image") == image
            revision = int(actor.get("revision", 0)) if is_there else 0
            noted = noted.with_release(name, Release(image, to_time(), revision))
        save_releases(self._client, instance, noted)

    def _with_config(self, step: PutSite) -> Folder:
        """Return the site with the file that knows the nonce, made by now."""
        folder = step.folder
        if CONFIG_FILE in folder.files:
            return folder
        wanted = self._wanted
        nonces = self._vault.read_object(NONCES)
        config = write_site_config(wanted.functions, wanted.profile, nonces)
        files = {**folder.files, CONFIG_FILE: (config or "").encode()}
        return replace(folder, files=files)

    def _copy(self, step: CopyFolder) -> None:
        folder = step.folder
        digests = folder.digests()
        found = self._state.digests.get((folder.system, folder.path), {})
        changed, removed = differences(digests, found)
        parents = {f"{folder.path}/{name}".rsplit("/", 1)[0] for name in changed}
        for parent in sorted({folder.path, *parents}):
            self._client.make_folder(folder.system, parent)
        for name in changed:
            upload_file(self._client, folder, name, folder.files[name])
        for name in removed:
            self._client.delete_file(folder.system, f"{folder.path}/{name}")
        upload_file(self._client, folder, MANIFEST_FILE, write_digests(digests))
