"""Addresses of the transforms service."""

from agave_local.call import Route
from agave_local.services.transforms import views

_ALL, _ONE = "/transforms/v2", "/transforms/v2/<transform_id>"


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [
        Route("GET", _ALL, views.on_list_transforms, "transforms.list"),
        Route(
            "GET", f"{_ALL}/tags/<tag>", views.on_list_by_tag, "transforms.listByTag"
        ),
        Route("GET", _ONE, views.on_get_transform, "transforms.get"),
        Route(
            "POST",
            f"{_ONE}/async/<owner>/<path:path>",
            views.on_transform_and_stage,
            "transforms.transformAndStage",
        ),
        Route(
            "POST",
            f"{_ONE}/sync/<owner>/<path:path>",
            views.on_transform_and_download,
            "transforms.transformAndDownload",
        ),
    ]
