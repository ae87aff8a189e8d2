"""One function at a time: redeployed, brought back, looked at."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import ManifestError, RedeployFailed, TenantOccupied
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.tenant.client import TenantClient
from agave_deploy.upkeep.deployment import Deployment
from agave_deploy.upkeep.redeploy import Redeployment
from agave_local.services.actors.runner.images import Program
from agave_local.testing import PASSWORD, LocalAgave, served_agave

from .conftest import CountingSession

Deploy = Callable[..., Deployment]
OLD, NEW, BAD = "ipt/jobs:1", "ipt/jobs:2", "ipt/jobs:3"


@pytest.fixture
def agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant that knows two images of one function, and one of another."""
    images = dict.fromkeys((OLD, NEW, "ipt/files"), Program(command=("/bin/true",)))
    with served_agave(tmp_path / "data", images=images) as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


class Pulling(TenantClient):
    """The client of a tenant that is getting an image from far away."""

    def find_actor(self, actor: str) -> Any:
        """Return an actor that is not ready yet."""
        return {**(super().find_actor(actor) or {}), "status": "SUBMITTED"}


class Redeployer:
    """Redeploys functions of one tenant, and keeps what is said."""

    def __init__(
        self, manifest: Manifest, profile: Profile, vault: Vault, deploy: Deploy
    ) -> None:
        wanted = ("jobs", "files")
        functions = tuple(f for f in manifest.functions if f.name in wanted)
        self._manifest = replace(manifest, functions=functions)
        self._profile = profile
        self._vault = vault
        self._deploy = deploy
        self.lines: list[str] = []

    def deployment(self, image: str = OLD, session: Any = None) -> Deployment:
        """Return the deployment of a checkout with that image of `jobs`."""
        made = self._deploy(session, self._manifest)
        return Deployment(
            self._manifest, self._profile, self._vault, made.client, {"jobs": image}
        )

    def steps(
        self, session: Any = None, client: TenantClient | None = None, **options: Any
    ) -> Redeployment:
        """Return what redeploys."""
        deployment = self.deployment(session=session)
        if client is not None:
            deployment = Deployment(self._manifest, self._profile, self._vault, client)
        return Redeployment(
            deployment.sign_in(), deployment.profile, self.lines.append, **options
        )

    def redeploy(self, image: str, **options: Any) -> None:
        """Give `jobs` an image."""
        function = self.deployment().function("jobs")
        self.steps(**options).redeploy(function, image)

    def roll_back(self, to: str = "") -> None:
        """Bring `jobs` back."""
        self.steps().roll_back(self.deployment().function("jobs"), to)


@pytest.fixture(name="redeployer")
def _redeployer(
    manifest: Manifest, profile: Profile, vault: Vault, deploy: Deploy
) -> Redeployer:
    redeployer = Redeployer(manifest, profile, vault, deploy)
    redeployer.deployment().apply(lambda _line: None)
    return redeployer


def settle(agave: LocalAgave) -> None:
    """Wait until the tenant knows whether the images can run."""
    while "SUBMITTED" in {each["status"] for each in actors(agave).values()}:
        pass


def actors(agave: LocalAgave) -> dict[str, Any]:
    """Return the actors by name."""
    found = agave.client("ipt").get("/actors/v2").json()["result"]
    return {each["name"]: each for each in found}


def test_redeploy_new_image(agave: LocalAgave, redeployer: Redeployer) -> None:
    """A function gets its new image; one is told when it runs."""
    redeployer.redeploy(NEW)

    found = actors(agave)["ipt-dev-jobs"]
    assert (found["image"], found["revision"], found["status"]) == (NEW, 2, "READY")
    assert redeployer.lines == [
        f"~ actor ipt-dev-jobs: image: {OLD} → {NEW}",
        "ready: jobs, revision 2",
    ]


def test_redeploy_touches_nothing_else(
    agave: LocalAgave, redeployer: Redeployer
) -> None:
    """Only the one actor is changed, and what is noted of releases."""
    settle(agave)
    before = actors(agave)
    session = CountingSession()

    redeployer.steps(session).redeploy(redeployer.deployment().function("jobs"), NEW)

    paths = [(method, url.split("/v2/", 1)[1]) for method, url in session.changes]
    (put, (posted, document)) = paths
    assert put == ("PUT", before["ipt-dev-jobs"]["id"])
    assert (posted, document.startswith("data/")) == ("POST", True)
    assert actors(agave)["ipt-dev-files"] == before["ipt-dev-files"]


def test_redeploy_same_image(agave: LocalAgave, redeployer: Redeployer) -> None:
    """Where the name is the same its code is started anew."""
    redeployer.redeploy(OLD)

    assert actors(agave)["ipt-dev-jobs"]["revision"] == 2
    assert redeployer.lines[0] == "~ actor ipt-dev-jobs: code anew"


def test_redeploy_bad_image(agave: LocalAgave, redeployer: Redeployer) -> None:
    """An image that can't run is given up for the one that could; one is told."""
    settle(agave)

    with pytest.raises(RedeployFailed) as caught:
        redeployer.redeploy(BAD)

    found = actors(agave)["ipt-dev-jobs"]
    assert (found["image"], found["status"]) == (OLD, "READY")
    assert f"jobs runs {OLD} again, since {BAD} can't run" in str(caught.value)
    assert "./build.sh image jobs" in str(caught.value)
    assert redeployer.lines[-1] == f"going back to {OLD}"


def test_redeploy_bad_image_twice(agave: LocalAgave, redeployer: Redeployer) -> None:
    """Where neither image can run, that is said, and nothing is taken for well."""
    ipt = agave.client("ipt")
    path = f"/actors/v2/{actors(agave)['ipt-dev-jobs']['id']}"
    assert ipt.put(path, json={"image": "ipt/worse:1", "stateless": True}).ok

    with pytest.raises(RedeployFailed, match="can run neither ipt/jobs:3"):
        redeployer.redeploy(BAD)


def test_redeploy_bad_code(agave: LocalAgave, redeployer: Redeployer) -> None:
    """Code that can't run has no earlier image to go back to."""
    ipt = agave.client("ipt")
    path = f"/actors/v2/{actors(agave)['ipt-dev-jobs']['id']}"
    assert ipt.put(path, json={"image": BAD, "stateless": True}).ok

    with pytest.raises(RedeployFailed, match="Mend it, then once more"):
        redeployer.redeploy(BAD)


def test_redeploy_takes_too_long(agave: LocalAgave, redeployer: Redeployer) -> None:
    """Who has waited long enough is told what is the case, and how to go back."""
    time = iter(range(0, 1000, 7))
    client = Pulling(agave.base_url, "ipt", PASSWORD)
    steps = redeployer.steps(
        client=client,
        patience_s=20,
        sleep=lambda _s: None,
        clock=lambda: next(time),
    )
    function = redeployer.deployment().function("jobs")

    with pytest.raises(RedeployFailed, match=r"SUBMITTED after 21 s.*rollback jobs"):
        steps.redeploy(function, NEW)

    assert "jobs is SUBMITTED since 14 s …" in redeployer.lines


def test_redeploy_unknown(redeployer: Redeployer) -> None:
    """A name that is none is answered with those that are."""
    with pytest.raises(ManifestError, match="no function job; there are jobs, files"):
        redeployer.deployment().function("job")


def test_redeploy_not_deployed(agave: LocalAgave, redeployer: Redeployer) -> None:
    """A function that was never registered can't be redeployed."""
    assert agave.client("ipt").delete("/actors/v2/aliases/dev-jobs").ok

    with pytest.raises(ManifestError, match="jobs is not deployed; apply comes first"):
        redeployer.redeploy(NEW)


def test_redeploy_of_somebody_else(agave: LocalAgave, redeployer: Redeployer) -> None:
    """An alias that somebody else took is not touched."""
    assert agave.client("ipt").delete("/actors/v2/aliases/dev-jobs").ok
    ada = agave.client("ada")
    made = ada.post("/actors/v2", json={"image": "other"}).json()["result"]["id"]
    body = {"alias": "dev-jobs", "actorId": made}
    assert ada.post("/actors/v2/aliases", json=body).ok

    with pytest.raises(TenantOccupied, match="belongs to ada"):
        redeployer.redeploy(NEW)


def test_roll_back(agave: LocalAgave, redeployer: Redeployer) -> None:
    """A function goes back to its image of before, and forward again by the same."""
    redeployer.redeploy(NEW)

    redeployer.roll_back()

    assert actors(agave)["ipt-dev-jobs"]["image"] == OLD
    assert redeployer.lines[-1].startswith("apply and redeploy would go forward again")

    redeployer.roll_back()

    assert actors(agave)["ipt-dev-jobs"]["image"] == NEW


def test_roll_back_to(agave: LocalAgave, redeployer: Redeployer) -> None:
    """An image may be named, if the function had it once."""
    redeployer.redeploy(NEW)

    redeployer.roll_back(OLD)

    assert actors(agave)["ipt-dev-jobs"]["image"] == OLD
    with pytest.raises(ManifestError, match=f"never had the image {BAD}; it had"):
        redeployer.roll_back(BAD)


def test_roll_back_without_release(redeployer: Redeployer) -> None:
    """Who had one image only has nothing to go back to."""
    with pytest.raises(ManifestError, match="has had no other image than ipt/jobs:1"):
        redeployer.roll_back()


def test_failed_release_is_not_noted(redeployer: Redeployer) -> None:
    """An image that never ran is none to go back to."""
    redeployer.redeploy(NEW)
    with pytest.raises(RedeployFailed):
        redeployer.redeploy(BAD)

    redeployer.roll_back()

    assert f"image: {NEW} → {OLD}" in redeployer.lines[-3]


def test_foreign_releases_are_ignored(
    agave: LocalAgave, redeployer: Redeployer
) -> None:
    """A document of that name of somebody else's tells nothing."""
    ada = agave.client("ada")
    value = {"jobs": [{"image": "evil/jobs:1"}]}
    body = {"name": "ipt-dev-releases", "value": value}
    uuid = ada.post("/meta/v2/data", json=body).json()["result"]["uuid"]
    right = {"username": "ipt", "permission": "ALL"}
    assert ada.post(f"/meta/v2/data/{uuid}/pems", json=right).ok

    with pytest.raises(ManifestError, match="no other image"):
        redeployer.roll_back()


def test_apply_notes_releases(agave: LocalAgave, redeployer: Redeployer) -> None:
    """What apply changes can be taken back; a plan says from what to what."""
    plan = redeployer.deployment(NEW).plan().to_diff()
    redeployer.deployment(NEW).apply(lambda _line: None)

    redeployer.roll_back()

    assert f"  ~ actor ipt-dev-jobs: image\n      image: {OLD} → {NEW}" in plan
    assert actors(agave)["ipt-dev-jobs"]["image"] == OLD


def test_status(agave: LocalAgave, redeployer: Redeployer) -> None:
    """Of each function it is told what is wanted and what runs, and since when."""
    settle(agave)

    overview = redeployer.deployment(NEW).overview()

    jobs, files = overview.to_json()["functions"]
    assert (jobs["wanted"], jobs["running"], jobs["revision"]) == (NEW, OLD, 1)
    assert (files["status"], files["wanted"]) == ("READY", files["running"])
    assert jobs["released"].endswith("Z")
    text = str(overview)
    assert text.splitlines()[0].startswith(f"dev on {agave.base_url}, site ")
    assert text.splitlines()[-1] == "2 steps to do"
    assert not overview.is_well
    json.dumps(overview.to_json())


def test_status_of_what_can_not_run(agave: LocalAgave, redeployer: Redeployer) -> None:
    """A function that can't run is not well, though there is nothing to do."""
    deployment = redeployer.deployment(BAD)
    deployment.apply(lambda _line: None)
    settle(agave)

    overview = deployment.overview()

    assert not overview.is_well
    assert "nothing to do" in str(overview)
    assert "jobs: Spawner got an exception" in str(overview)


def test_status_of_an_empty_tenant(manifest: Manifest, deploy: Deploy) -> None:
    """Where nothing is deployed that is what is said."""
    overview = deploy(None, manifest).overview()

    assert {each.status for each in overview.functions} == {"MISSING"}
    assert "site missing" in str(overview)
