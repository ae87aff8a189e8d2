"""All routes of all services, in one dispatcher."""

import functools

from agave_local.call import Route
from agave_local.entrance.admission import Admission
from agave_local.entrance.dispatcher import Dispatcher
from agave_local.services.actors.urls import routes as actors
from agave_local.services.admin.urls import routes as admin
from agave_local.services.apps.urls import routes as apps
from agave_local.services.clients.urls import routes as clients
from agave_local.services.control.urls import routes as control
from agave_local.services.files.urls import routes as files
from agave_local.services.jobs.urls import routes as jobs
from agave_local.services.meta.urls import routes as meta
from agave_local.services.monitors.urls import routes as monitors
from agave_local.services.notifications.urls import routes as notifications
from agave_local.services.oauth.urls import routes as oauth
from agave_local.services.postits.urls import routes as postits
from agave_local.services.profiles.urls import routes as profiles
from agave_local.services.systems.urls import routes as systems
from agave_local.services.tenants.urls import routes as tenants
from agave_local.services.transforms.urls import routes as transforms
from agave_local.tenant import Tenant

SERVICES = (
    oauth,
    clients,
    profiles,
    tenants,
    admin,
    meta,
    systems,
    apps,
    files,
    jobs,
    notifications,
    postits,
    monitors,
    transforms,
    actors,
    control,
)


@functools.cache
def all_routes() -> tuple[Route, ...]:
    """Return the routes of all services."""
    return tuple(route for service in SERVICES for route in service())


def make_dispatcher(tenant: Tenant, admission: Admission | None = None) -> Dispatcher:
    """Return the entrance of the tenant, with every service behind it.

    Args:
        tenant: the back ends.
        admission: the door; open to everybody where None.
    """
    return Dispatcher(tenant, all_routes(), admission)
