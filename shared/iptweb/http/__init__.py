"""Requests, answers, routes and body checks; knows nothing of the platform."""

from .body import (
    flag,
    number,
    numbers,
    part,
    read_body,
    read_query,
    table,
    text,
    texts,
)
from .request import Request
from .response import Nothing, Response
from .router import App, Model, Route

__all__ = [
    "App",
    "Model",
    "Nothing",
    "Request",
    "Response",
    "Route",
    "flag",
    "number",
    "numbers",
    "part",
    "read_body",
    "read_query",
    "table",
    "text",
    "texts",
]
