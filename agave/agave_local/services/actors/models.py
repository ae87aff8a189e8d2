"""Actors, their mailboxes and what runs them: the whole of Abaco behind one object."""

from typing import TYPE_CHECKING, Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.outgoing.policy import Outgoing
from agave_local.records.store import Document, Store
from agave_local.services.actors.access import is_trusted
from agave_local.services.actors.actor_events import ActorEvents
from agave_local.services.actors.aliases import Aliases
from agave_local.services.actors.configs import Configs
from agave_local.services.actors.cron import EVERY_S, Cron, planned
from agave_local.services.actors.display import Display
from agave_local.services.actors.engine import Engine
from agave_local.services.actors.environment import Environments
from agave_local.services.actors.executions import Executions
from agave_local.services.actors.identifiers import ActorIds, is_identifier
from agave_local.services.actors.links import Links
from agave_local.services.actors.naming import Naming
from agave_local.services.actors.nonces import Nonces
from agave_local.services.actors.overview import Overview
from agave_local.services.actors.registry import SHUTTING_DOWN, Registry
from agave_local.services.actors.runner.choice import make_runner
from agave_local.services.actors.runner.inline import InlineFunction, InlineRunner

_REVIEW_S, _RETRY_S, _TIDY_S = 10.0, 10.0, 60.0

if TYPE_CHECKING:
    from agave_local.duties import Duties
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
        outgoing: reaches webhooks.

    Attributes:
        ids: names actors, executions and nonces.
        registry: the actors.
        aliases: their names.
        links: which of them get others' events.
        nonces: keys to them.
        configs: values they get.
        events: what becomes of them, told to links and webhooks.
        cron: their schedules.
        executions: their past and present work.
        engine: what runs it.
        overview: what all of them add up to.
        display: how all of them look to a caller.
        naming: how callers write the names of fields.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        oauth: "OAuth",
        settings: "TenantSettings",
        *,
        outgoing: Outgoing,
    ) -> None:
        del ids
        data = settings.data
        self.ids = ActorIds()
        self._clock = clock
        self.registry = Registry(store, clock, self.ids, self._tell_status)
        self.aliases = Aliases(store)
        self.links = Links(store, self.registry, self.aliases)
        self.nonces = Nonces(store, clock, self.ids, settings.code)
        self.configs = Configs(store, data / "secrets" / "abaco.key")
        self.executions = Executions(
            store, clock, data / "run" / "binary", self._tell_end
        )
        self.events = ActorEvents(
            store,
            clock,
            links=self.links,
            find_actor=self.registry.find,
            find_identity=oauth.find_identity,
            outgoing=outgoing,
            code=settings.code,
            api_server=settings.base_url,
        )
        self.naming = Naming(settings.case)
        self.display = Display(
            settings.base_url, settings.code, self.naming, settings.mounts
        )
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
        self._inline = InlineRunner(settings.images, now=clock.now)
        runner: Runner = (
            self._inline
            if settings.runner == "inline"
            else make_runner(settings, clock.now)
        )
        self.engine = engine = Engine(
            store,
            registry=self.registry,
            executions=self.executions,
            environments=self._environments,
            runner=runner,
            ids=self.ids,
            clock=clock,
            may_run=self._may_run,
            scales=settings.autoscaling,
        )
        self.overview = Overview(self.registry, self.executions, engine, self.display)
        self.cron = Cron(
            store,
            clock,
            executions=self.executions,
            engine=self.engine,
            ids=self.ids,
        )

    def take_up(self, duties: "Duties") -> None:
        """Have done from time to time what is nobody's request."""
        duties.add("actors.review", _REVIEW_S, self.engine.review)
        duties.add("actors.images", _RETRY_S, self.engine.retry)
        duties.add("actors.tidy", _TIDY_S, self.executions.tidy)
        duties.add("actors.cron", EVERY_S, self.cron.run_due)
        duties.add("actors.events", _TIDY_S, self.events.wake)

    def start(self) -> None:
        """Find again what an earlier process left, and begin to work."""
        self.configs_changed()
        for actor in self.registry.every(status=SHUTTING_DOWN):
            self._forget(actor["id"])
        self.engine.start()
        self.events.start(self.engine, self.executions, self.ids)

    def stop(self) -> None:
        """Stop working; executions under way are ended and say so."""
        self.events.stop()
        self.engine.stop()

    def register_inline(self, image: str, function: InlineFunction) -> None:
        """Have a function run for an image, where the runner is `inline`."""
        self._inline.register(image, function)

    def settle(
        self, described: dict[str, Any], identity: Identity, before: Document | None
    ) -> dict[str, Any]:
        """Return a description with what its link and its schedule come to.

        Args:
            described: checked but for these.
            identity: who describes it.
            before: the actor's record, where it is changed.

        Raises:
            BadRequest: for a link or a schedule that cannot be.
            Unrecognized: for a unit of time that is none.
        """
        self.links.check(described["link"], identity, before)
        schedule = planned(described, before, self._clock.now())
        return {**described, **schedule, "linker": identity.username}

    def find(self, identifier: str) -> Document | None:
        """Return the actor of that id or alias, or None."""
        if is_identifier(identifier):  # which no alias may look like
            return self.registry.find(identifier)
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

    def _tell_status(self, actor: Document) -> None:
        self.events.on_status(actor)

    def _tell_end(self, execution: Document) -> None:
        self.events.on_end(execution)

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
        self.engine.forget(actor_id)
        self._environments.forget(actor_id)
