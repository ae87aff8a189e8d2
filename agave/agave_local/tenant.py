"""The composition root: builds the back ends of one tenant and owns their threads."""

import shutil

from agave_local.clock import Clock, Ids, SystemClock
from agave_local.duties import Duties
from agave_local.events import Events
from agave_local.services.actors.models import Actors
from agave_local.services.apps.models import Apps
from agave_local.services.clients.models import Clients
from agave_local.services.control.models import Faults
from agave_local.services.files.models import Files
from agave_local.services.jobs.models import Jobs
from agave_local.services.meta.models import Meta
from agave_local.services.oauth.models import OAuth
from agave_local.services.profiles.models import Profiles
from agave_local.services.systems.models import Systems
from agave_local.settings import TenantSettings
from agave_local.store import Store


class Tenant:
    """All back ends of a tenant, wired to each other.

    Args:
        settings: the operator's choices.
        clock: tells the time.
        ids: makes identifiers.
    """

    def __init__(
        self,
        settings: TenantSettings,
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.ids = ids or Ids()
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = Store(settings.data / "tenant.sqlite")
        self.events = Events()
        self.duties = Duties(self.clock, self.store.close)
        self.faults = Faults()
        self._works = False
        self.profiles = Profiles(
            self.store, self.clock, self.ids, settings.password_cost
        )
        self.clients = Clients(self.store, self.clock, self.ids, settings.base_url)
        self.oauth = OAuth(
            self.store, self.clock, self.ids, self.profiles, self.clients
        )
        self.meta = Meta(self.store, self.clock, self.ids, settings.base_url)
        self.systems = Systems(self.store, self.clock, self.ids, settings.base_url)
        self.apps = Apps(
            self.store, self.clock, self.ids, self.systems, settings.base_url
        )
        self.files = Files(
            self.store,
            self.clock,
            self.ids,
            self.systems,
            settings.data / "storage",
            settings.base_url,
        )
        self.jobs = Jobs(
            self.store,
            self.clock,
            self.ids,
            self.systems,
            self.apps,
            self.files,
            settings,
        )
        self.actors = Actors(self.store, self.clock, self.ids, self.oauth, settings)

    def start(self) -> None:
        """Find again what an earlier process left, and begin to work."""
        self.jobs.start()
        self.actors.start()
        self.duties.start()
        self._works = True

    def stop(self) -> None:
        """Stop working; jobs and executions under way are ended and say so."""
        self.duties.stop()
        self.actors.stop()
        self.jobs.stop()
        self._works = False
        self.store.close()

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
