"""Every golden pair of Abaco, in both cases and both transports.

What differs from run to run is compared by a rule of `RULES`, never left out: the
fields of an answer are exactly the recorded ones.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent
_PAIRS = json.loads((_HERE / "abaco-camel.json").read_text("utf-8"))
LABELS = [pair["label"] for pair in _PAIRS]
_DAY = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_STORED = rf"{_DAY}\.\d{{3}}Z"
_USED = r"(?i:(?:total_?(?:execution_?)?)?(?:cpu|io|runtime)(?:_?(?:all|existing))?)"


@dataclass(frozen=True)
class Rule:
    """How a value that is another one in each run is compared.

    Attributes:
        about: what it is.
        key: of the fields that have it.
        recorded: of the recorded value, as text.
        ours: what the tenant's value must look like.
    """

    about: str
    key: str
    recorded: str
    ours: str


RULES = (
    Rule("a time just set", r".*[tT]ime", rf"{_DAY}\.\d{{6}}", rf"{_DAY}\.\d{{6}}"),
    Rule("a stored time", r".*[tT]ime|\w+At", _STORED, _STORED),
    Rule(
        # `.600` became `.6Z00`, since Abaco writes Z for each 000.
        "a stored time that Abaco mangled",
        r".*[tT]ime",
        rf"{_DAY}\.\d{{1,2}}Z0{{1,2}}",
        _STORED,
    ),
    Rule(
        "a time of a summary",
        r".*[tT]ime",
        r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
        r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    ),
    Rule("what an execution used", _USED, r"\d+", r"\d+"),
    Rule("the name of a container", "cid", "[0-9a-f]{32}", "[0-9a-f]{32}"),
    Rule("a Fernet token", "value", r"gAAAA[\w-]+=*", r"gAAAA[\w-]+=*"),
)
# Inside longer texts: the name of a container's host, and the present hour.
TEXTS = (
    (re.compile("HOSTNAME=[0-9a-f]{12}"), "HOSTNAME=<host>"),
    (re.compile(r"(?<=UTC time is )\d{4}-\d\d-\d\d \d\d:00:00"), "<hour>"),
)
_NO_SUCH_PLACE = {
    "status": "error",
    "message": "Invalid request: the API endpoint does not exist "
    "or the provided HTTP method is not allowed.",
    "version": ":dev",
    "result": None,
}
# Recorded by accident of the bare service: an unknown path brings its pages down.
INSTEAD = {
    "unknown path": (405, "application/json", _NO_SUCH_PLACE),
    "unknown sub path": (405, "application/json", _NO_SUCH_PLACE),
}
# The microseconds of this one ended in 000 by chance, so Abaco cut them off; the
# tenant's clock of these tests never has such.
CUT = {("snake", "create stateful full"): {"create_time", "last_update_time"}}


@pytest.mark.parametrize("label", LABELS)
def test_pair(played: tuple[str, Any], label: str) -> None:
    """The tenant answers a recorded request as the recorded service did."""
    case, play = played
    answer = play.answers[label]
    recorded = play.pairs[label]
    if label in INSTEAD:
        assert (answer.status, answer.content_type, answer.body) == INSTEAD[label]
        return
    assert answer.status == recorded["status"]
    assert answer.content_type == recorded["content_type"]
    golden = json.loads(play.ours(json.dumps(recorded["body"])))
    if isinstance(golden, str):
        _compare_bytes(golden, answer.body)
        return

    differences = list(_compare(golden, answer.body, "", CUT.get((case, label), set())))

    assert differences == []


def test_all_pairs(played: tuple[str, Any]) -> None:
    """There are 114 pairs, and each of them was played."""
    _, play = played

    assert len(play.pairs) == len(play.answers) == 114


@pytest.mark.parametrize(
    ("golden", "ours", "different"),
    [
        ({"a": 1}, {"a": 1, "b": None}, True),
        ({"a": 1, "b": None}, {"a": 1}, True),
        ({"cpu": 5}, {"cpu": 7}, False),
        ({"cpu": 5}, {"cpu": "7"}, True),
        ({"createTime": "2026-11-22T18:12:31.6Z00"}, {"createTime": "x"}, True),
        ({"status": "READY"}, {"status": "BUSY"}, True),
        ({"roles": ["a", "b"]}, {"roles": ["b", "a"]}, False),
        ({"hints": ["a", "b"]}, {"hints": ["b", "a"]}, True),
    ],
)
def test_rules_hide_nothing(golden: Any, ours: Any, *, different: bool) -> None:
    """A missing, additional or changed field is a difference; another time is none."""
    assert bool(list(_compare(golden, ours, "", set()))) == different


def _compare_bytes(golden: str, ours: bytes) -> None:
    """Compare a body that is no JSON; a long one was recorded up to a limit."""
    recorded = golden.removeprefix("b'").removesuffix("'")
    written = ours.decode().replace("\n", "\\n")
    assert bool(recorded) == bool(written)
    assert _plain(written).startswith(_plain(recorded))


def _compare(golden: Any, ours: Any, where: str, cut: set[str]) -> Any:
    key = where.rpartition(".")[2]
    if type(golden) is not type(ours):
        yield f"{where}: {golden!r} was recorded, {ours!r} came"
    elif isinstance(golden, dict):
        for name in sorted(golden.keys() ^ ours.keys()):
            yield f"{where}.{name}: is in one only"
        for name in golden.keys() & ours.keys():
            yield from _compare(golden[name], ours[name], f"{where}.{name}", cut)
    elif isinstance(golden, list):
        # Roles are a set; Abaco writes them in no order.
        pairs = [sorted(golden), sorted(ours)] if key == "roles" else [golden, ours]
        if len(golden) != len(ours):
            yield f"{where}: {len(golden)} were recorded, {len(ours)} came"
        for place, (theirs, mine) in enumerate(zip(*pairs, strict=False)):
            yield from _compare(theirs, mine, f"{where}.{place}", cut)
    elif not _is_alike(key, str(golden), str(ours), is_cut=key in cut):
        yield f"{where}: {golden!r} was recorded, {ours!r} came"


def _is_alike(key: str, golden: str, ours: str, *, is_cut: bool) -> bool:
    if is_cut:
        return bool(re.fullmatch(_STORED, golden)) and bool(
            re.fullmatch(rf"{_DAY}\.\d{{6}}", ours)
        )
    for rule in RULES:
        if re.fullmatch(rule.key, key) and re.fullmatch(rule.recorded, golden):
            return re.fullmatch(rule.ours, ours) is not None
    return _plain(golden) == _plain(ours)


def _plain(text: str) -> str:
    for pattern, placeholder in TEXTS:
        text = pattern.sub(placeholder, text)
    return text
