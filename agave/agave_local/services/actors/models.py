"""Actors, their mailboxes and what runs them: the whole of Abaco behind one object."""

from typing import TYPE_CHECKING

from agave_local.clock import Clock, Ids
from agave_local.services.actors.access import is_trusted
from agave_local.services.actors.aliases import Aliases
from agave_local.services.actors.configs import Configs
from agave_local.services.actors.display import Display
from agave_local.services.actors.engine import Engine
from agave_local.services.actors.environment import Environments
from agave_local.services.actors.executions import Executions
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.nonces import Nonces
from agave_local.services.actors.registry import SHUTTING_DOWN, Registry
from agave_local.services.actors.runner.inline import InlineFunction, InlineRunner
from agave_local.services.actors.runner.process import ProcessRunner
from agave_local.store import Document, Store

if TYPE_CHECKING:
    from agave_local.services.actors.runner.base import Runner
    from agave_local.services.oauth.models import OAuth
    from agave_local.settings import TenantSettings


class Actors:
    """All of Abaco.

    Args:
        store: of the tenant.
        clock: of the tenant.
        ids: of the tenant; Abaco's identifiers are its own.
        oauth: mints the tokens of actors that want one.
        settings: the operator's choices.

    Attributes:
        ids: names actors, executions and nonces.
        registry: the actors.
        aliases: their names.
        nonces: keys to them.
        configs: values they get.
        executions: their past and present work.
        engine: what runs it.
        display: how all of them look to a caller.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        oauth: "OAuth",
        settings: "TenantSettings",
    ) -> None:
        del ids
        data = settings.data
        self.ids = ActorIds()
        self.registry = Registry(store, clock, self.ids)
        self.aliases = Aliases(store)
        self.nonces = Nonces(store, clock, self.ids, settings.code)
        self.configs = Configs(store, data / "secrets" / "abaco.key")
        self.executions = Executions(store, clock, data / "run" / "binary")
        self.display = Display(settings.base_url, settings.code)
        self._environments = Environments(
            oauth,
            aliases=self.aliases,
            configs=self.configs,
            clock=clock,
            api_server=settings.base_url,
            code=settings.code,
        )
        self._oauth = oauth
        self._images = settings.images
        self._inline = InlineRunner(settings.images)
        runner: Runner = (
            self._inline
            if settings.runner == "inline"
            else ProcessRunner(settings.images, data / "run" / "f", settings.base_url)
        )
        self.engine = Engine(
            store,
            registry=self.registry,
            executions=self.executions,
            environments=self._environments,
            runner=runner,
            ids=self.ids,
            may_run=self._may_run,
        )

    def start(self) -> None:
        """Find again what an earlier process left, and begin to work."""
        self.configs_changed()
        for actor in self.registry.every(status=SHUTTING_DOWN):
            self._forget(actor["id"])
        self.engine.start()

    def stop(self) -> None:
        """Stop working; executions under way are ended and say so."""
        self.engine.stop()

    def register_inline(self, image: str, function: InlineFunction) -> None:
        """Have a function run for an image, where the runner is `inline`."""
        self._inline.register(image, function)

    def find(self, identifier: str) -> Document | None:
        """Return the actor of that id or alias, or None."""
        alias = self.aliases.find(identifier)
        return self.registry.find(identifier if alias is None else alias["actorId"])

    def delete(self, actor: Document) -> bool:
        """Delete an actor and what belongs to it; its executions remain.

        Returns:
            Whether all its workers ended in time.
        """
        self.registry.change(actor["id"], status=SHUTTING_DOWN)
        ended = self.engine.shut_down(actor["id"])
        self._forget(actor["id"])
        return ended

    def configs_changed(self) -> None:
        """Have executions from now on see a changed config or alias."""
        self._environments.forget_configs()

    def _may_run(self, actor: Document) -> bool:
        if actor["image"] not in self._images:
            return True
        # Records of an earlier version do not say who described the actor last.
        trusted: bool | None = actor.get("trusted")
        if trusted is None:
            owner = self._oauth.find_identity(actor["owner"])
            return owner is not None and is_trusted(owner)
        return trusted

    def _forget(self, actor_id: str) -> None:
        self.nonces.remove_all(actor_id)
        self.executions.forget_logs(actor_id)
        self.registry.remove(actor_id)
