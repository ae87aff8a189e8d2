"""The composition root: builds the back ends of one tenant and owns their threads."""

import shutil
from functools import partial
from urllib.parse import urlsplit

from agave_local.clock import Clock, Ids, MovableClock, SystemClock
from agave_local.duties import Duties
from agave_local.entrance.gateway import Gateway
from agave_local.entrance.metrics import Metrics
from agave_local.events import Events
from agave_local.outgoing.policy import Outgoing
from agave_local.records.cipher import Cipher
from agave_local.records.store import Store
from agave_local.services.actors.models import Actors
from agave_local.services.admin.models import Roles
from agave_local.services.apps.models import Apps
from agave_local.services.clients.models import Clients
from agave_local.services.control.models import Faults
from agave_local.services.control.readings import read_tenant
from agave_local.services.files.imports import Imports
from agave_local.services.files.models import Files
from agave_local.services.jobs.models import Jobs
from agave_local.services.meta.models import Meta
from agave_local.services.meta.schemas import Schemas
from agave_local.services.monitors.models import Monitors
from agave_local.services.monitors.probes import Probes
from agave_local.services.notifications.lookups import by_uuid
from agave_local.services.notifications.models import Notifications
from agave_local.services.oauth.models import OAuth
from agave_local.services.postits.models import Postits
from agave_local.services.profiles.models import Profiles
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role
from agave_local.settings import TenantSettings


class Tenant:
    """All back ends of a tenant, wired to each other.

    Args:
        settings: the operator's choices.
        clock: tells the time.
        ids: makes identifiers.
        metrics: counts what it does; those of the server where it has several tenants.
    """

    def __init__(
        self,
        settings: TenantSettings,
        clock: Clock | None = None,
        ids: Ids | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or (MovableClock() if settings.control else SystemClock())
        self.ids = ids or Ids()
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = Store(settings.data / "tenant.sqlite")
        self.events = Events()
        self.duties = Duties(self.clock, self.store.close)
        self.faults = Faults()
        self.metrics = metrics or Metrics()
        self.metrics.add_tenant(settings.code, partial(read_tenant, self))
        self.gateway = Gateway(settings.gateway_key, settings.code, self.clock)
        own = urlsplit(settings.base_url)
        own_port = own.port or (443 if own.scheme == "https" else 80)
        self.outgoing = Outgoing(settings.outgoing, own_ports=[own_port])
        self._works = self._leaves = False
        self.profiles = Profiles(
            self.store, self.clock, self.ids, settings.password_cost
        )
        self.roles = Roles(self.store, self.clock, self.profiles)
        self.clients = Clients(self.store, self.clock, self.ids, settings.base_url)
        self.oauth = OAuth(
            self.store, self.clock, self.ids, self.profiles, self.clients
        )
        self.notifications = Notifications(
            self.store,
            self.clock,
            self.ids,
            settings.base_url,
            self.events,
            self.outgoing,
            self.profiles.identity,
        )
        self.schemas = Schemas(
            self.store, self.clock, self.ids, settings.base_url, self.events
        )
        self.meta = Meta(
            self.store,
            self.clock,
            self.ids,
            settings.base_url,
            self.events,
            self.schemas,
        )
        self.systems = Systems(
            self.store,
            self.clock,
            self.ids,
            settings.base_url,
            events=self.events,
            cipher=Cipher(settings.data / "secrets" / "systems.key"),
        )
        self.apps = Apps(
            self.store,
            self.clock,
            self.ids,
            self.systems,
            settings.base_url,
            events=self.events,
        )
        self.files = Files(
            self.store,
            self.clock,
            self.ids,
            self.systems,
            settings.data / "storage",
            settings.base_url,
            events=self.events,
        )
        self.imports = Imports(
            self.store,
            self.clock,
            self.ids,
            self.files,
            self.outgoing,
            self.profiles.identity,
            self.notifications.attach,
        )
        self.postits = Postits(self.store, self.clock, self.ids, settings.base_url)
        self.monitors = Monitors(
            self.store,
            self.clock,
            self.ids,
            settings.base_url,
            self.systems,
            self.profiles,
            Probes(settings.data / "storage", self.outgoing),
            self.events,
        )
        self.duties.add("postits", 3600, self.postits.tidy)
        self.duties.add("monitors", 10, self.monitors.wake)
        self.jobs = Jobs(
            self.store,
            self.clock,
            self.ids,
            self.systems,
            self.apps,
            self.files,
            settings,
            events=self.events,
            notifications=self.notifications,
            outgoing=self.outgoing,
        )
        self.notifications.know(
            {
                Ids.JOB: self.jobs.get,
                Ids.METADATA: self.meta.get,
                Ids.SCHEMA: self.schemas.get,
                Ids.APP: by_uuid(
                    self.store,
                    "app",
                    lambda who, app: self.apps.require(who, app, "READ"),
                ),
                Ids.SYSTEM: by_uuid(
                    self.store,
                    "system",
                    lambda who, system: self.systems.require(who, system, Role.GUEST),
                ),
                Ids.FILE: self.files.record,
                Ids.MONITOR: self.monitors.get,
            }
        )
        self.duties.add("notifications", 1, self.notifications.deliveries.wake)
        self.actors = Actors(
            self.store,
            self.clock,
            self.ids,
            self.oauth,
            settings,
            outgoing=self.outgoing,
        )
        self.actors.take_up(self.duties)

    def start(self) -> None:
        """Find again what an earlier process left, and begin to work."""
        self.notifications.deliveries.start()
        self.imports.start()
        self.jobs.start()
        self.actors.start()
        self.duties.start()
        self._works = True

    def stop(self) -> None:
        """Stop working; jobs and executions under way are ended and say so."""
        self.duties.stop()
        self.actors.stop()
        self.jobs.stop()
        self.imports.stop()
        self.monitors.stop()
        self.notifications.deliveries.stop()
        self._works = False
        self.store.close()

    @property
    def is_ready(self) -> bool:
        """Whether calls are answered: neither starting nor stopping."""
        return self._works and not self._leaves

    def leave(self) -> None:
        """Say that the tenant is about to stop, while it still answers."""
        self._leaves = True

    def reset(self) -> None:
        """Forget everything, files included, as a new tenant."""
        worked = self._works
        if worked:
            self.stop()
        self.store.clear()
        self.faults.clear()
        for folder in ("storage", "jobs"):
            shutil.rmtree(self.settings.data / folder, ignore_errors=True)
        if worked:
            self.start()
