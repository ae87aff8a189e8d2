"""The user's jobs, page by page: searched and filtered by the platform.

A platform may not know how to search (it refuses, or returns whatever there is).  Then
only the newest jobs are looked through, and the answer says that it is partial.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from iptweb.agave import Agave
from iptweb.agave.api import Job as Raw
from iptweb.errors import UpstreamError

from .answers import Job, JobPage
from .registry import Registry
from .search import JobFilter, Terms, holds

__all__ = ["History"]

_WINDOW: Final = 500
# How platforms that know no search say so.
_CANNOT: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)

View = Callable[[Raw], Job]


class History:
    """Lists the jobs of one user.

    Args:
        agave: The tenant, with the user's token.
        registry: The systems of the instance.
        view: Makes of a job what callers see.
    """

    def __init__(self, agave: Agave, registry: Registry, view: View) -> None:
        self._agave = agave
        self._registry = registry
        self._view = view

    def page(self, wanted: JobFilter, *, limit: int, offset: int) -> JobPage:
        """Return one page of the wanted jobs, the newest first."""
        terms = wanted.to_terms(self._registry)
        if terms is None:
            return {"limit": limit, "offset": offset, "jobs": [], "more": False}
        found = self._search(wanted, terms, limit + 1, offset)
        if found is None and not wanted.is_empty:
            return self._look_through(wanted, limit, offset)
        if found is None:
            found = self._agave.list_jobs(limit=limit + 1, offset=offset)
        jobs = [self._view(raw) for raw in found]
        return {
            "limit": limit,
            "offset": offset,
            "jobs": [job for job in jobs[:limit] if wanted.is_of(job)],
            "more": len(jobs) > limit,
        }

    def _search(
        self, wanted: JobFilter, terms: Terms, limit: int, offset: int
    ) -> list[Raw] | None:
        """Return what the platform finds, None where it can't search.

        A word that no name has is looked for in the ids.
        """
        found = self._find(terms, limit, offset)
        if found or found is None or not wanted.id_part:
            return found
        if offset and self._find(terms, 1, 0):
            return found
        by_id = {name: value for name, value in terms.items() if name != "name.like"}
        by_id["id.like"] = f"*{wanted.id_part}*"
        return self._find(by_id, limit, offset)

    def _find(self, terms: Terms, limit: int, offset: int) -> list[Raw] | None:
        try:
            found = self._agave.find_jobs(terms, limit=limit, offset=offset)
        except UpstreamError as error:
            if error.upstream_status in _CANNOT:
                return None
            raise
        return found if all(holds(terms, raw) for raw in found) else None

    def _look_through(self, wanted: JobFilter, limit: int, offset: int) -> JobPage:
        newest = self._agave.list_jobs(limit=_WINDOW)
        jobs = [job for job in map(self._view, newest) if wanted.matches(job)]
        return {
            "limit": limit,
            "offset": offset,
            "jobs": jobs[offset : offset + limit],
            "more": len(jobs) > offset + limit,
            "partial": len(newest) >= _WINDOW,
        }
