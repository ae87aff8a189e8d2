"""Requests, answers, routes and body checks; knows nothing of the platform."""

from .body import flag, number, numbers, read_body, read_query, text, texts
from .request import Request
from .response import Response
from .router import App, Route

__all__ = [
    "App",
    "Request",
    "Response",
    "Route",
    "flag",
    "number",
    "numbers",
    "read_body",
    "read_query",
    "text",
    "texts",
]
