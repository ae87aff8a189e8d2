"""Addresses of the jobs service."""

from agave_local.call import Route
from agave_local.services.jobs import views

_JOB = "/jobs/v2/<job_id>"


def routes() -> list[Route]:
    """Return the routes of this service."""
    listings, media = f"{_JOB}/outputs/listings", f"{_JOB}/outputs/media"
    return [
        Route("GET", "/jobs/v2", views.on_list, "jobs.list"),
        Route("POST", "/jobs/v2", views.on_submit, "jobs.submit"),
        Route(
            "GET",
            "/jobs/v2/search/<attribute>/<value>",
            views.on_search,
            "jobs.search",
        ),
        Route("GET", _JOB, views.on_get, "jobs.get"),
        Route("POST", _JOB, views.on_manage, "jobs.manage"),
        Route("DELETE", _JOB, views.on_delete, "jobs.delete"),
        Route("GET", f"{_JOB}/status", views.on_status, "jobs.getStatus"),
        Route("GET", f"{_JOB}/history", views.on_history, "jobs.getHistory"),
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
        Route("GET", f"{_JOB}/pems", views.on_list_pems, "jobs.listPermissions"),
        Route("POST", f"{_JOB}/pems", views.on_change_pems, "jobs.updatePermissions"),
        Route("DELETE", f"{_JOB}/pems", views.on_change_pems, "jobs.deletePermissions"),
    ]
