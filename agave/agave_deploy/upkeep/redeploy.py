"""One function at a time: a new image, or its code anew; and back to the one before.

Only the function's own actor is touched.  What runs ends on the old revision; what
waits is done by the new one (Abaco: a worker of another revision hands its message
back and goes).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from agave_deploy.bundle.models import Function
from agave_deploy.errors import ManifestError, RedeployFailed
from agave_deploy.profiles.profile import Profile
from agave_deploy.tenant.client import TenantClient
from agave_deploy.tenant.ownership import check_owner
from agave_deploy.upkeep.releases import Release, read_releases, save_releases, to_time

__all__ = ["PATIENCE_S", "Redeployment"]

PATIENCE_S: Final = 300.0
"""Seconds to wait for a new revision: an image may have to be pulled."""

_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_SAY_EVERY_S: Final = 10.0
Object = Mapping[str, Any]


@dataclass(frozen=True)
class _Actor:
    """The actor of a function as it is before."""

    id: str
    found: Object

    @property
    def image(self) -> str:
        return str(self.found.get("image", ""))


class Redeployment:
    """Gives functions their images, and waits until these run.

    Args:
        client: signed in as the service account.
        profile: of the tenant.
        say: takes one line for the person.
        patience_s: how long a new revision may take.
        sleep: waits.
        clock: tells the time, for how long to wait.
    """

    def __init__(
        self,
        client: TenantClient,
        profile: Profile,
        say: Callable[[str], None],
        *,
        patience_s: float = PATIENCE_S,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._profile = profile
        self._say = say
        self._patience_s = patience_s
        self._sleep = sleep
        self._clock = clock

    def redeploy(self, function: Function, image: str = "") -> None:
        """Bring one function to the checkout's image, or start its code anew.

        Args:
            function: of the checkout.
            image: of it; empty where it is a program of the tenant's.

        Raises:
            ManifestError: The function was never deployed.
            RedeployFailed: It does not run so; says what was done about it.
        """
        document = function.actor(
            self._profile.instance, image, limited=self._profile.limits
        )
        self._bring(function, document)

    def roll_back(self, function: Function, to: str = "") -> None:
        """Bring one function back to the image that it had before.

        Args:
            function: of the checkout.
            to: an image that it had once; the one before the present one if empty.

        Raises:
            ManifestError: No such image is noted.
            RedeployFailed: It does not run so; says what was done about it.
        """
        actor = self._find(function)
        noted = read_releases(self._client, self._profile.instance)
        known = tuple(dict.fromkeys(each.image for each in noted.of(function.name)))
        image = to or noted.before(function.name, actor.image)
        if image is None:
            raise ManifestError(
                f"{function.name} has had no other image than {actor.image}. Check "
                f"out what it was made of before, then: redeploy {function.name}"
            )
        if image not in known:
            raise ManifestError(
                f"{function.name} never had the image {image}; it had "
                f"{', '.join(known) or 'none that is noted'}."
            )
        document = function.actor(
            self._profile.instance, image, limited=self._profile.limits
        )
        self._bring(function, document)
        self._say(
            "apply and redeploy would go forward again, to what the checkout says"
        )

    def _bring(self, function: Function, document: Object) -> None:
        actor = self._find(function)
        image = str(document["image"])
        is_same = actor.image == image
        what = "code anew" if is_same else f"image: {actor.image} → {image}"
        self._say(f"~ actor {document['name']}: {what}")
        self._client.put_actor(document, actor.id, force=is_same)
        try:
            ready = self._await(function, actor.id)
        except _CannotRun as error:
            if is_same:
                raise RedeployFailed(
                    f"{function.name} can't run its code: {error} Its messages wait. "
                    f"Mend it, then once more: redeploy {function.name}"
                ) from error
            self._go_back(function, actor, document, error)
        revision = int(ready.get("revision", 0))
        self._note(function, Release(image, to_time(), revision))
        self._say(f"ready: {function.name}, revision {revision}")

    def _find(self, function: Function) -> _Actor:
        alias = function.alias(self._profile.instance)
        known = self._client.aliases().get(alias)
        check_owner("alias", alias, known, self._client.username)
        found = self._client.find_actor(str(known["actorId"])) if known else None
        if known is None or found is None:
            raise ManifestError(f"{function.name} is not deployed; apply comes first.")
        check_owner("actor", alias, found, self._client.username)
        return _Actor(str(known["actorId"]), found)

    def _await(self, function: Function, actor: str) -> Object:
        """Return the actor once it is ready.

        Raises:
            _CannotRun: It became clear that it will not be.
            RedeployFailed: It takes too long.
        """
        began = said = self._clock()
        pause = _PAUSE_S
        while True:
            found = self._client.find_actor(actor) or {}
            status, now = str(found.get("status", "gone")), self._clock()
            if status == "READY":
                return found
            if status in {"ERROR", "SHUTTING_DOWN", "gone"}:
                raise _CannotRun(str(found.get("statusMessage", "")) or status)
            if now - began >= self._patience_s:
                raise RedeployFailed(
                    f"{function.name} is {status} after {now - began:.0f} s; its image "
                    "may still be on its way, and its messages wait. Look again with "
                    f"status, or go back: rollback {function.name}"
                )
            if now - said >= _SAY_EVERY_S:
                said = now
                self._say(f"{function.name} is {status} since {now - began:.0f} s …")
            self._sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def _go_back(
        self, function: Function, actor: _Actor, document: Object, error: "_CannotRun"
    ) -> NoReturn:
        """Register what was there before, which ran, and say so.

        Raises:
            RedeployFailed: Always.
        """
        before = {key: actor.found[key] for key in document if key in actor.found}
        self._say(f"{function.name} can't run: {error}")
        self._say(f"going back to {actor.image}")
        self._client.put_actor(before, actor.id)
        image = document["image"]
        try:
            self._await(function, actor.id)
        except _CannotRun as again:
            raise RedeployFailed(
                f"{function.name} can run neither {image} ({error}) nor {actor.image} "
                f"({again}). Its messages wait; look whether the tenant reaches both."
            ) from again
        raise RedeployFailed(
            f"{function.name} runs {actor.image} again, since {image} can't run: "
            f"{error} Is the image where the tenant looks for it? "
            f"./build.sh image {function.name} builds it."
        ) from error

    def _note(self, function: Function, release: Release) -> None:
        instance = self._profile.instance
        noted = read_releases(self._client, instance)
        save_releases(
            self._client, instance, noted.with_release(function.name, release)
        )


class _CannotRun(Exception):
    """No worker of a revision can be started; the message is the tenant's."""
