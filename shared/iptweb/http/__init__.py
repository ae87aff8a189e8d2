"""Requests, answers, routes and body checks; knows nothing of the platform."""

from .body import flag, number, numbers, read_body, text, texts
from .request import Request
from .response import Response
from .router import App

__all__ = [
    "App",
    "Request",
    "Response",
    "flag",
    "number",
    "numbers",
    "read_body",
    "text",
    "texts",
]
