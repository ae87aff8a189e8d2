"""Routes of a function, on werkzeug's map."""

from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any, Generic, TypeVar

from werkzeug import exceptions
from werkzeug.routing import Map, Rule

from iptweb.errors import MethodNotAllowed, NotFound

from .request import Request
from .response import Response

__all__ = ["App", "Model", "Route"]

CallT = TypeVar("CallT")
View = Callable[..., Any]
Model = type | UnionType
"""A dataclass, or several of which a request is one."""


@dataclass(frozen=True)
class Route:
    """What is known of one route, for its schema and its page of the reference.

    Attributes:
        method: Of the message.
        path: The pattern, such as `/jobs/<job_id>`.
        view: What answers; the first line of its docstring says what it does.
        query: The model of its query; None where it takes none.
        body: The model of its body; None where it takes none.
        status: Of an answer that is no refusal.
        own_token: Whether it acts with the caller's own token; None: as it is asked.
    """

    method: str
    path: str
    view: View
    query: Model | None = None
    body: Model | None = None
    status: int = 200
    own_token: bool | None = False


class App(Generic[CallT]):
    """The routes of one function, registered by `@app.route(...)`.

    A view takes the call and the path's parts, and returns a `Response` or a body.

    Args:
        name: The function's name, as in its actor's alias.

    Attributes:
        cron: Path of the route that the platform's schedule calls, if there is one.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._map = Map(strict_slashes=False, merge_slashes=False)
        self._views: dict[str, tuple[View, int]] = {}
        self._routes: list[Route] = []
        self.cron: str | None = None

    def route(
        self,
        path: str,
        *,
        methods: tuple[str, ...] | list[str] = ("GET",),
        query: Model | None = None,
        body: Model | None = None,
        status: int = 200,
        own_token: bool | None = False,
        cron: bool = False,
    ) -> Callable[[View], View]:
        """Register a view for a path pattern such as `/jobs/<job_id>`.

        Args:
            path: The pattern.
            methods: What it answers to.
            query: The dataclass that its view reads the query with.
            body: The dataclass that its view reads the body with.
            status: Of what its view returns, unless that is a whole `Response`.
            own_token: Whether it acts with the caller's own token; None: as it is
                asked.
            cron: Whether the platform's schedule calls it, by an empty POST; of a
                function that has a schedule, one route does.
        """

        def register(view: View) -> View:
            endpoint = view.__name__
            if endpoint in self._views:
                raise ValueError(f"{self.name} has two views named {endpoint}")
            self._views[endpoint] = (view, status)
            self._map.add(Rule(path, endpoint=endpoint, methods=list(methods)))
            self._routes += [
                Route(each, path, view, query, body, status, own_token)
                for each in methods
            ]
            if cron:
                self.cron = path
            return view

        return register

    def routes(self) -> tuple[Route, ...]:
        """Return all routes, for documentation and its test."""
        return tuple(self._routes)

    def find(self, request: Request) -> Route:
        """Return the route of a request.

        Raises:
            NotFound: No route has that path.
            MethodNotAllowed: A route has that path, none of them that method.
        """
        endpoint, _ = self._match(request)
        view, _ = self._views[endpoint]
        return next(
            each
            for each in self._routes
            if each.view is view and each.method == request.method
        )

    def answer(self, request: Request, call: CallT) -> Response:
        """Find the view of a request and call it.

        Raises:
            NotFound: No route has that path.
            MethodNotAllowed: A route has that path, none of them that method.
        """
        endpoint, arguments = self._match(request)
        view, status = self._views[endpoint]
        answer = view(call, **arguments)
        return answer if isinstance(answer, Response) else Response(answer, status)

    def _match(self, request: Request) -> tuple[str, dict[str, Any]]:
        # werkzeug adds HEAD to every GET; a message has no use for it.
        method = "no HEAD" if request.method == "HEAD" else request.method
        try:
            if request.path.startswith("//"):
                raise exceptions.NotFound
            endpoint, arguments = self._map.bind("actor").match(request.path, method)
        except exceptions.MethodNotAllowed as error:
            allowed = tuple(sorted(set(error.valid_methods or ()) - {"HEAD"}))
            raise MethodNotAllowed(
                f"{request.path} answers to {', '.join(allowed)} only.",
                allowed=allowed,
            ) from None
        except exceptions.HTTPException:
            paths = sorted({rule.rule for rule in self._map.iter_rules()})
            raise NotFound(
                f"{self.name} has no such path; it has {', '.join(paths)}."
            ) from None
        return endpoint, dict(arguments)
