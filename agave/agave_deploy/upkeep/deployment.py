"""One tenant and one checkout brought together: plan, apply, status."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import requests

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Function, Manifest
from agave_deploy.errors import ManifestError, SecretsError, TenantRefused
from agave_deploy.images.function_images import image_name
from agave_deploy.planning.executor import APPLIED, NONCES, Executor
from agave_deploy.planning.plan import Plan, make_plan
from agave_deploy.planning.steps import PutConfig, PutSystem
from agave_deploy.planning.wanted import OAUTH_CLIENT, Wanted, make_wanted
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.storage import place_storage
from agave_deploy.profiles.vault import Vault, variable_of
from agave_deploy.systems.documents import add_systems
from agave_deploy.systems.reading import read_systems
from agave_deploy.tenant.client import TenantClient
from agave_deploy.tenant.connection import PAUSES
from agave_deploy.tenant.state import State, read_state
from agave_deploy.upkeep.overview import Overview, make_overview
from agave_deploy.upkeep.removal import Removal, make_removal
from agave_deploy.upkeep.rotation import (
    SESSIONS_END,
    TICKET_KEY,
    Given,
    Rotation,
    end_overlap,
    read_given,
    rotate,
)

__all__ = ["SERVICE", "Deployment", "read_registrations"]

SERVICE = "service-account"  # the vault's name for the service account's password


@dataclass(frozen=True)
class _Look:
    """One look at a tenant: what shall be, what is, and the way between."""

    wanted: Wanted
    state: State
    plan: Plan


def read_registrations(
    root: Path, profile: Profile, environment: Mapping[str, str] = os.environ
) -> Manifest:
    """Return all registrations for a tenant: the checkout's, and its systems'.

    Args:
        root: of the checkout.
        profile: of the tenant.
        environment: may name other apps than the files of systems do.

    Raises:
        DeployError: A file is wrong; names it and the field.
    """
    entries = read_systems(profile.systems, environment)
    manifest = place_storage(
        read_manifest(root),
        profile.storage,
        homes=profile.storage_system,
        site=profile.site_system,
    )
    return add_systems(manifest, entries, public=profile.public_systems)


def name_images(root: Path, manifest: Manifest, profile: Profile) -> dict[str, str]:
    """Return the images of functions, by name; none where they are programs."""
    if not profile.images:
        return {}
    return {
        function.name: image_name(root, function, profile.images)
        for function in manifest.functions
    }


def connect(profile: Profile, password: str) -> TenantClient:
    """Return a client of a profile's tenant, which is not signed in yet."""
    session = requests.Session()
    if profile.ca_bundle is not None:
        session.verify = str(profile.ca_bundle)
    return TenantClient(
        profile.tenant,
        profile.service_account,
        password,
        session,
        answer_s=profile.answer_s,
        pauses=PAUSES,
    )


class Deployment:
    """Deploys one manifest to the tenant of one profile.

    Args:
        manifest: of the checkout.
        profile: of the tenant.
        vault: its secrets.
        client: for another way to the tenant than its address.
        images: of the functions, by name; those that are left out are programs.
    """

    def __init__(
        self,
        manifest: Manifest,
        profile: Profile,
        vault: Vault,
        client: TenantClient | None = None,
        images: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._manifest = manifest
        self._profile = profile
        self._vault = vault
        self._images = images
        self._client = client or connect(profile, self._password())

    @classmethod
    def of_checkout(cls, root: Path, profile: Profile) -> "Deployment":
        """Return the deployment of a checkout to the tenant of a profile.

        Raises:
            DeployError: A file of the checkout is wrong; names it.
        """
        manifest = read_registrations(root, profile)
        images = name_images(root, manifest, profile)
        return cls(manifest, profile, Vault(profile.secrets), images=images)

    def sign_in(self) -> TenantClient:
        """Return the client of a tenant that was deployed to, signed in.

        Raises:
            ManifestError: Nothing was ever deployed there.
        """
        if not self._sign_in(make=False):
            raise ManifestError("Nothing is deployed there yet; apply comes first.")
        return self._client

    @property
    def client(self) -> TenantClient:
        """The client, which may not be signed in."""
        return self._client

    @property
    def profile(self) -> Profile:
        """The profile of the tenant."""
        return self._profile

    def function(self, name: str) -> Function:
        """Return a function of the checkout.

        Raises:
            ManifestError: There is none of that name.
        """
        known = {function.name: function for function in self._manifest.functions}
        # Whoever knows the package writes it with an underscore.
        found = known.get(name.replace("_", "-"))
        if found is None:
            raise ManifestError(
                f"There is no function {name}; there are {', '.join(known)}."
            )
        return found

    def image(self, function: Function) -> str:
        """Return the image that the checkout wants; empty for a program."""
        return self._images.get(function.name, "")

    def overview(self) -> Overview:
        """Return what is wanted, what runs, and how much there is to do."""
        look = self._look(signed_in=self._sign_in(make=False))
        return make_overview(look.wanted, look.state, look.plan)

    def plan(self) -> Plan:
        """Return what `apply` would do; changes nothing on the tenant.

        Before the first `apply` there is no OAuth client, and without one nobody
        can look into the tenant: then this is the plan for an empty one.
        """
        return self._look(signed_in=self._sign_in(make=False)).plan

    def apply(self, say: Callable[[str], None]) -> Plan:
        """Bring the tenant to what it shall hold; return what was done.

        Raises:
            TenantError: It could not be finished; the next `apply` goes on.
        """
        self._sign_in(make=True)
        look = self._look(signed_in=True)
        Executor(self._client, self._vault, look.wanted, look.state, say).run(look.plan)
        return look.plan

    def removal(self, *, with_data: bool) -> Removal:
        """Return what would go with the instance; changes nothing.

        Raises:
            ManifestError: Nothing was ever deployed there.
        """
        client = self.sign_in()
        state = read_state(client, self._manifest, self._profile)
        return make_removal(
            client, self._manifest, self._profile, state, with_data=with_data
        )

    def forget(self) -> None:
        """Forget what was noted of a tenant that holds nothing of ours any more."""
        for name in (APPLIED, NONCES, OAUTH_CLIENT):
            self._vault.forget(name)

    def rotate(
        self, name: str, given: Given, say: Callable[[str], None], *, at_once: bool
    ) -> None:
        """Change a secret, here and on the tenant.

        Args:
            name: of the secret.
            given: where the person says that the new one is.
            say: takes one line for the person.
            at_once: whether the old one is good for nothing from now on.

        Raises:
            SecretsError: There is no such secret, or the new one is none.
            TenantError: It could not be finished; the next `apply` goes on.
        """
        self._check_secret(name)
        text = read_given(name, given)
        client = self.sign_in()
        if name == OAUTH_CLIENT:
            if text:
                raise SecretsError("The tenant makes oauth-client; nobody gives it.")
            self._make_client()
            done = Rotation(name, (SESSIONS_END,))
        else:
            done = rotate(self._vault, name, text, at_once=at_once)
        self._send_secret(client, name, say)
        for line in done.said:
            say(line)

    def end_overlap(self, name: str, say: Callable[[str], None]) -> None:
        """Have only the newest of several keys be of use, here and on the tenant.

        Raises:
            SecretsError: There is no such secret, or never several of them.
            TenantError: It could not be finished; the next `apply` goes on.
        """
        self._check_secret(name)
        client = self.sign_in()
        done = end_overlap(self._vault, name)
        self._send_secret(client, name, say)
        for line in done.said:
            say(line)

    def _check_secret(self, name: str) -> None:
        known = {system.credential for system in self._manifest.systems} - {""}
        known |= {
            each for function in self._manifest.functions for each in function.secrets
        }
        if name not in known:
            names = ", ".join(sorted(known))
            raise SecretsError(f"There is no secret {name}; there are {names}.")

    def _send_secret(
        self, client: TenantClient, name: str, say: Callable[[str], None]
    ) -> None:
        """Take those steps of the plan that a secret is in."""
        look = self._look(signed_in=True)
        instance = self._profile.instance
        configs = {f"{instance}-{name}"}
        if name == TICKET_KEY:
            configs.add(f"{instance}-settings")  # the public key
        systems = {s.id for s in self._manifest.systems if s.credential == name}
        steps = tuple(
            step
            for step in look.plan.steps
            if (isinstance(step, PutConfig) and step.config.name in configs)
            or (isinstance(step, PutSystem) and step.document["id"] in systems)
        )
        Executor(client, self._vault, look.wanted, look.state, say).run(Plan(steps))

    def _look(self, *, signed_in: bool) -> _Look:
        state = State()
        if signed_in:
            state = read_state(self._client, self._manifest, self._profile)
        kept = self._vault.read_object(NONCES)
        nonces = {
            alias: nonce
            for alias, nonce in kept.items()
            if nonce in state.nonces.get(alias, ())
        }
        wanted = make_wanted(
            self._manifest, self._profile, self._vault, nonces, images=self._images
        )
        applied = self._vault.read_object(APPLIED)
        return _Look(wanted, state, make_plan(wanted, state, applied))

    def _password(self) -> str:
        password = self._vault.find_given(SERVICE)
        if not password:
            raise SecretsError(
                f"The password of {self._profile.service_account} is missing: write "
                f"it into a file '{SERVICE}' (mode 600) in the folder of secrets, or "
                f"give it in the environment as {variable_of(SERVICE)}."
            )
        return password.strip()

    def _sign_in(self, *, make: bool) -> bool:
        kept = self._vault.read_object(OAUTH_CLIENT)
        if kept.get("callback") == self._profile.callback_url:
            try:
                self._client.sign_in(str(kept["key"]), str(kept["secret"]))
            except TenantRefused:
                # The client may be gone, with a tenant that was made anew.
                name = self._client_name()
                if self._client.find_client(name) is not None:
                    raise
            else:
                return True
        if not make:
            return False
        self._make_client()
        return True

    def _client_name(self) -> str:
        return f"ipt-{self._profile.instance}"

    def _make_client(self) -> None:
        name, callback = self._client_name(), self._profile.callback_url
        if self._client.find_client(name) is not None:
            self._client.delete_client(name)  # its secret is not ours, or its callback
        made = self._client.make_client(name, callback, "Sign-in of IPT on the Web")
        key, secret = str(made["consumerKey"]), str(made["consumerSecret"])
        value = {"key": key, "secret": secret, "callback": callback}
        self._vault.write_object(OAUTH_CLIENT, value)
        self._client.sign_in(key, secret)
