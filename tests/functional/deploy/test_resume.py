"""An apply that is cut off anywhere, and the next one: the tenant ends up the same."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from agave_deploy.bundle.models import Function, Manifest
from agave_deploy.errors import TenantUnreachable
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.tenant.client import TenantClient
from agave_deploy.upkeep.deployment import SERVICE, Deployment
from agave_local.testing import PASSWORD, LocalAgave, in_process_agave, served_agave

SETTINGS = {
    "terminal_home_root": "/homes",
    "terminal_dir": "/run",
    "ipt_python": "/usr/bin/python3",
}
FUNCTIONS = (
    Function(
        "auth-callback",
        "Signs people in.",
        configs=("settings",),
        secrets=("oauth-client", "session-key"),
        grants="nobody",
        nonce=True,
    ),
    Function("jobs", "Lists jobs.", configs=("settings",), grants="members"),
)
# What each tenant makes anew: nonces, versions of the site (of which they are a part),
# times.
MADE_ANEW = re.compile(
    r"LOCAL_[0-9A-Za-z]+|(?<=[/\"])[0-9a-f]{12}(?=[/\"])|[0-9a-f]{64}|\d{4}-[-0-9T:]+Z"
)
ID = re.compile(r"[0-9a-f]{12}")


class BreakingSession(requests.Session):
    """A session that breaks down at a changing call, and is silent from then on.

    Args:
        breaks_at: number of that call; None for never.
        heard: whether the tenant still hears it, and only the answer is lost.
    """

    def __init__(self, breaks_at: int | None = None, *, heard: bool = False) -> None:
        super().__init__()
        self.changes = 0
        self._breaks_at = breaks_at
        self._heard = heard
        self._broken = False

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a request, or break down."""
        is_change = method != "GET" and not str(url).endswith("/token")
        is_last = is_change and self.changes == self._breaks_at
        self.changes += is_change
        if self._broken or (is_last and not self._heard):
            self._broken = True
            raise requests.ConnectionError("the cable was pulled")
        answer = super().request(method, url, *args, **kwargs)
        if is_last:
            self._broken = True
            raise requests.ConnectionError("the answer was lost")
        return answer


class Place:
    """A tenant, and what is deployed to it.

    Args:
        agave: the tenant.
        folder: of the test.
        data: of the tenant.
    """

    def __init__(self, agave: LocalAgave, folder: Path, data: Path) -> None:
        self._agave = agave
        self._data = data
        for name in ("ipt", "ada"):
            agave.add_user(name)
        self.secrets = data / "vault"
        shutil.copytree(folder / "vault", self.secrets)
        self.secrets.chmod(0o700)
        self.profile = Profile(
            tenant=agave.base_url,
            instance="dev",
            service_account="ipt",
            secrets=self.secrets,
            members=("ada",),
            admins=(),
            storage_system="ipt.storage",
            site_system="ipt.site",
            settings=SETTINGS,
        )

    def deployment(
        self, manifest: Manifest, session: requests.Session | None = None
    ) -> Deployment:
        """Return a deployment that is the first to look at the tenant."""
        client = TenantClient(self.profile.tenant, "ipt", PASSWORD, session)
        return Deployment(manifest, self.profile, Vault(self.secrets), client)

    def snapshot(self) -> dict[str, Any]:
        """Return all that the tenant holds of ours, but for what is by chance."""
        ipt = self._agave.client("ipt")

        def read(path: str) -> Any:
            answer = ipt.get(path)
            assert answer.ok, answer.text
            return answer.json()["result"]

        actors = {each["id"]: each for each in read("/actors/v2")}
        aliases = read("/actors/v2/aliases")
        clients = self._agave.anonymous().get("/clients/v2", auth=("ipt", PASSWORD))
        return {
            "systems": sorted(
                (each["id"], each["public"]) for each in read("/systems/v2")
            ),
            "actors": sorted(
                (
                    actor["name"],
                    actor["image"],
                    actor["description"],
                    sorted(read(f"/actors/v2/{id_}/permissions").items()),
                )
                for id_, actor in actors.items()
            ),
            "aliases": sorted(
                (each["alias"], actors[each["actorId"]]["name"]) for each in aliases
            ),
            "nonces": {
                each["alias"]: len(read(f"/actors/v2/aliases/{each['alias']}/nonces"))
                for each in aliases
            },
            "configs": sorted(
                (
                    each["name"],
                    each["actors"],
                    each["isSecret"]
                    or each["value"].replace(self._agave.base_url, "…"),
                )
                for each in read("/actors/v2/configs")
            ),
            "documents": sorted(
                (each["name"], MADE_ANEW.sub("…", str(each["value"])))
                for each in read("/meta/v2/data")
            ),
            "clients": sorted(
                each["name"]
                for each in clients.json()["result"]
                if each["name"] != "DefaultApplication"
            ),
            "files": sorted(self._files()),
        }

    def _files(self) -> list[tuple[str, str]]:
        storage = self._data / "storage"
        return [
            (
                ID.sub("…", path.relative_to(storage).as_posix()),
                MADE_ANEW.sub("…", path.read_text("utf-8")),
            )
            for path in storage.rglob("*")
            if path.is_file()
        ]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Return a folder with keys that all tenants of a test are given."""
    vault = Vault(tmp_path / "vault")
    vault.write(SERVICE, PASSWORD)
    vault.session_key()
    vault.ticket_key()
    return tmp_path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site of two pages and a module."""
    site = tmp_path / "static_site"
    page = '<!doctype html><script type="module" src="lib/api.js"></script>'
    for name, text in {
        "index.html": page,
        "help.html": page,
        "lib/api.js": 'import "../vendor/xterm.js";\n',
        "vendor/xterm.js": "export {};\n",
    }.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return site


@pytest.fixture(name="small")
def _small(manifest: Manifest) -> Manifest:
    """Return a checkout with two functions, the three storage systems and the site."""
    storage = tuple(each for each in manifest.systems if not each.runs_jobs)
    return Manifest(FUNCTIONS, storage, {}, manifest.site)


def ignore(_line: str) -> None:
    """Take a step's line and do nothing with it."""


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return what only one of two snapshots has, for a person."""
    texts = [
        {f"{kind}: {each}" for kind, some in snapshot.items() for each in some}
        for snapshot in (expected, found)
    ]
    return sorted(texts[0] ^ texts[1])


def make_first(place: Place, small: Manifest) -> Manifest:
    """Return what is deployed to a tenant that has nothing."""
    del place
    return small


def make_later(place: Place, small: Manifest) -> Manifest:
    """Deploy to a tenant, and return what came of further work on the checkout."""
    site = small.site
    (site / "lib/api.js").write_text("export const api = 1;\n", "utf-8")
    (site / "help.html").write_text("<!doctype html>", "utf-8")
    (site / "about.html").unlink(missing_ok=True)
    place.deployment(small).apply(ignore)
    (site / "lib/api.js").write_text("export const api = 2;\n", "utf-8")
    (site / "help.html").unlink()
    (site / "about.html").write_text("<!doctype html>", "utf-8")
    jobs = replace(small.functions[1], description="Lists jobs, and more.")
    return replace(small, functions=(small.functions[0], jobs))


# What is heard and not answered is the harder case, and has all of the other's states
# of the tenant.
@pytest.mark.parametrize(
    ("heard", "every"), [(False, 4), (True, 1)], ids=["unheard", "heard"]
)
@pytest.mark.parametrize("make", [make_first, make_later], ids=["first", "later"])
def test_apply_cut_anywhere(
    folder: Path,
    small: Manifest,
    make: Callable[[Place, Manifest], Manifest],
    every: int,
    *,
    heard: bool,
) -> None:
    """Wherever an apply breaks down, the next one leads to what one alone leads to."""
    whole = BreakingSession()
    with in_process_agave(folder / "whole") as agave:
        place = Place(agave, folder, folder / "whole")
        place.deployment(make(place, small), whole).apply(ignore)
        expected = place.snapshot()

    for cut in range(0, whole.changes, every):
        data = folder / f"cut-{cut}"
        with in_process_agave(data) as agave:
            place = Place(agave, folder, data)
            manifest = make(place, small)
            broken = place.deployment(manifest, BreakingSession(cut, heard=heard))
            with pytest.raises(TenantUnreachable):
                broken.apply(ignore)

            place.deployment(manifest).apply(ignore)

            found = place.snapshot()
            assert expected == found, (
                f"{cut} of {whole.changes}: {differences(expected, found)}"
            )
            assert str(place.deployment(manifest).plan()) == "nothing to do"


def test_apply_killed(folder: Path, checkout: Path) -> None:
    """An apply whose process is killed is finished by the next one, and is whole."""
    with served_agave(folder / "whole") as agave:
        place = Place(agave, folder, folder / "whole")
        Deployment.of_checkout(checkout, place.profile).apply(ignore)
        expected = place.snapshot()

    for lines in (2, 9):
        data = folder / f"killed-{lines}"
        with served_agave(data) as agave:
            place = Place(agave, folder, data)
            _apply_until(checkout, place, lines)
            deployment = Deployment.of_checkout(checkout, place.profile)

            assert deployment.apply(ignore).steps

            found = place.snapshot()
            assert expected == found, differences(expected, found)


def _apply_until(checkout: Path, place: Place, lines: int) -> None:
    """Apply in a process of its own, and kill that when it has said so many lines."""
    profile = place.secrets.parent / "profile.yaml"
    fields = {
        "tenant": place.profile.tenant,
        "secrets": str(place.secrets),
        "members": ["ada"],
        "settings": SETTINGS,
    }
    profile.write_text(yaml.safe_dump(fields), "utf-8")
    command = [sys.executable, "-m", "agave_deploy", "--root", str(checkout)]
    with subprocess.Popen(
        [*command, "apply", "--profile", str(profile)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for number, _line in enumerate(process.stdout, 1):
            if number == lines:
                process.kill()
    assert process.returncode == -signal.SIGKILL
