"""docs/administration.md: every message in it does what the page says."""

import json
import re
from pathlib import Path

from functions.admin.app import app

from .administrator import Administrator

PAGE = Path(__file__).parents[3] / "docs/administration.md"
MESSAGES = [
    json.loads(text)
    for text in re.findall(r"^admin '(.+)'$", PAGE.read_text("utf-8"), re.MULTILINE)
]


def test_every_message_is_taken(grace: Administrator) -> None:
    """Sent one after the other, as they stand there, all of them succeed."""
    for message in MESSAGES:
        answer = grace.client.send(json.dumps(message))

        assert answer.status == 200, (message, answer.body)

    done = [action for action, _, _ in grace.audited()]
    expected = ["undrain", "drain", "delete-record", "stop", "restart", "sync", "start"]
    assert done == expected


def test_every_route_has_a_message() -> None:
    """The page leaves no route out."""
    sent = {(one.get("method", "GET"), one["path"]) for one in MESSAGES}

    for route in (each for each in app.routes() if each.path != "/schema"):
        pattern = re.sub(r"<\w+>", "[^/]+", route.path)
        assert any(
            method == route.method and re.fullmatch(pattern, path)
            for method, path in sent
        ), route
