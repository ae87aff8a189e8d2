"""Addresses of the jobs service."""

from agave_local.call import Auth, Route
from agave_local.services.jobs import views

_ALL = "/jobs/v2"
_JOB = f"{_ALL}/<job_id>"
_PEMS = f"{_JOB}/pems"
_USER = f"{_PEMS}/<username>"
_RUNNERS = "schedulers FORK and SLURM, on protocols LOCAL and SSH; others answer 501"
_TRIGGER = f"{_ALL}/trigger/job/<job_id>/token/<token>/status/<word>"


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [*_jobs(), *_outputs(), *_pems(), *_triggers()]


def _jobs() -> list[Route]:
    return [
        Route("GET", _ALL, views.on_list, "jobs.list"),
        Route("POST", _ALL, views.on_submit, "jobs.submit", note=_RUNNERS),
        Route("GET", _JOB, views.on_get, "jobs.get"),
        Route("POST", _JOB, views.on_manage, "jobs.manage"),
        Route("DELETE", _JOB, views.on_delete, "jobs.delete"),
        Route("GET", f"{_JOB}/status", views.on_status, "jobs.getStatus"),
        Route("GET", f"{_JOB}/history", views.on_history, "jobs.getHistory"),
        # What Agave has, and what agavepy 0.9.5 asks for instead.
        Route(
            "GET",
            f"{_ALL}/search/<attribute>/<value>",
            views.on_search,
            "jobs.search",
        ),
        Route("GET", f"{_ALL}/<attribute>/<value>", views.on_search, "jobs.search"),
    ]


def _outputs() -> list[Route]:
    listings, media = f"{_JOB}/outputs/listings", f"{_JOB}/outputs/media"
    return [
        Route("GET", f"{_JOB}/outputs", views.on_list_outputs, "jobs.listOutputs"),
        Route("GET", listings, views.on_list_outputs, "jobs.listOutputs"),
        Route(
            "GET",
            f"{listings}/<path:path>",
            views.on_list_outputs,
            "jobs.listOutputs",
        ),
        Route(
            "GET",
            f"{media}/<path:path>",
            views.on_download_output,
            "jobs.downloadOutput",
        ),
    ]


def _pems() -> list[Route]:
    return [
        Route("GET", _PEMS, views.on_list_pems, "jobs.listPermissions"),
        Route("POST", _PEMS, views.on_give, "jobs.updatePermissions"),
        Route("DELETE", _PEMS, views.on_take_all, "jobs.deletePermissions"),
        Route("GET", _USER, views.on_get_pem, "jobs.listPermissionsForUser"),
        Route("POST", _USER, views.on_give, "jobs.updatePermissionsForUser"),
        Route("DELETE", _USER, views.on_take, "jobs.deletePermissionsForUser"),
    ]


def _triggers() -> list[Route]:
    """Return where jobs call back; the token in the address says which job it is."""
    return [
        Route(method, _TRIGGER, views.on_callback, "jobs.callback", auth=Auth.OWN)
        for method in ("GET", "POST")
    ]
