"""One tenant and one checkout brought together: plan, apply, status."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agave_deploy.client import TenantClient
from agave_deploy.errors import ManifestError, SecretsError, TenantRefused
from agave_deploy.executor import APPLIED, NONCES, Executor
from agave_deploy.manifest import read_manifest
from agave_deploy.models import Manifest
from agave_deploy.plan import Plan, make_plan
from agave_deploy.profile import Profile
from agave_deploy.state import State, read_state
from agave_deploy.systems.documents import add_systems
from agave_deploy.systems.reading import read_systems
from agave_deploy.vault import Vault
from agave_deploy.wanted import OAUTH_CLIENT, Wanted, make_wanted

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
    manifest = read_manifest(root)
    return add_systems(manifest, entries, public=profile.public_systems)


class Deployment:
    """Deploys one manifest to the tenant of one profile.

    Args:
        manifest: of the checkout.
        profile: of the tenant.
        vault: its secrets.
        client: for another way to the tenant than its address.
    """

    def __init__(
        self,
        manifest: Manifest,
        profile: Profile,
        vault: Vault,
        client: TenantClient | None = None,
    ) -> None:
        self._manifest = manifest
        self._profile = profile
        self._vault = vault
        self._client = client or TenantClient(
            profile.tenant, profile.service_account, self._password()
        )

    def sign_in(self) -> TenantClient:
        """Return the client of a tenant that was deployed to, signed in.

        Raises:
            ManifestError: Nothing was ever deployed there.
        """
        if not self._sign_in(make=False):
            raise ManifestError("Nothing is deployed there yet; apply comes first.")
        return self._client

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
        wanted = make_wanted(self._manifest, self._profile, self._vault, nonces)
        applied = self._vault.read_object(APPLIED)
        return _Look(wanted, state, make_plan(wanted, state, applied))

    def _password(self) -> str:
        password = self._vault.read(SERVICE)
        if not password:
            raise SecretsError(
                f"The password of {self._profile.service_account} is missing: write "
                f"it into a file '{SERVICE}' (mode 600) in the folder of secrets."
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
