"""An audit tells of each weakness, and of each service that does not answer."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.supply.audit import (
    ALLOWED,
    Audit,
    AuditError,
    main,
    read_allowed,
    run_tool,
)
from agave_deploy.supply.lock import LOCK, Lock

ROOT = Path(__file__).parents[3]
TODAY = dt.date(2026, 11, 23)
ENTRY = """
  - package: py
    ids: [PYSEC-2022-42969, CVE-2022-42969]
    reason: Nobody here speaks with Subversion, and so its answers are not read.
    until: 2026-11-23
"""
WEAK = {
    "name": "py",
    "version": "1.11.0",
    "vulns": [
        {
            "id": "PYSEC-2022-42969",
            "aliases": ["CVE-2022-42969"],
            "description": "A slow\nregular expression " + "x" * 200,
            "fix_versions": [],
        }
    ],
}
STRONG: dict[str, Any] = {"name": "requests", "version": "2.34.2", "vulns": []}
SKIPPED = {"name": "requests", "skip_reason": "Dependency not found"}
NPM_CLEAN: dict[str, Any] = {"vulnerabilities": {}}
NPM_WEAK = {
    "vulnerabilities": {
        "axe": {
            "range": "<4",
            "via": [{"url": "https://example.org/GHSA-1", "title": "It cuts"}],
        },
        "user-of-axe": {"range": "*", "via": ["axe"]},
    }
}

Check = Callable[..., tuple[bool, list[str]]]


class Tools:
    """Answers for pip-audit and npm, which are not run.

    Attributes:
        calls: services that pip-audit was to ask, and how many packages each time.
    """

    def __init__(self, python: dict[str, list[Any]], npm: Any) -> None:
        self._python = python
        self._npm = npm
        self.calls: list[tuple[str, int]] = []

    def __call__(self, command: Sequence[str], folder: Path) -> str:
        """Answer as the tool would."""
        if command[0] == "npm":
            assert folder.name == "static_site"
            return json.dumps(self._npm)
        service = command[command.index("--vulnerability-service") + 1]
        asked = Path(command[-1]).read_text("utf-8").count("==")
        self.calls.append((service, asked))
        answers = self._python.get(service)
        return "" if answers is None else json.dumps({"dependencies": answers})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout with two packages that allows one weakness."""
    entries = [
        f"{name}==1 \\\n    --hash=sha256:{'a' * 64}\n" for name in ("py", "six")
    ]
    (tmp_path / LOCK).write_text("".join(entries), "utf-8")
    (tmp_path / ALLOWED).parent.mkdir()
    (tmp_path / ALLOWED).write_text("allowed:" + ENTRY, "utf-8")
    return tmp_path


@pytest.fixture
def check(root: Path) -> Check:
    """Return what audits that checkout."""

    def audit(tools: Tools, today: dt.date = TODAY) -> tuple[bool, list[str]]:
        said: list[str] = []
        return Audit(root, said.append, tools, today).check(), said

    return audit


def test_clean(check: Check) -> None:
    """Where nothing is known of any package, the audit says so and passes."""
    tools = Tools({"pypi": [STRONG]}, NPM_CLEAN)

    assert check(tools) == (
        True,
        ["Python: checked by pypi", "site: checked by npm audit"],
    )
    assert tools.calls == [("pypi", 1), ("pypi", 2)]


def test_unreachable(check: Check) -> None:
    """Services that do not answer fail nothing, are asked once each, and are named."""
    tools = Tools({}, {"message": "405 Method Not Allowed"})

    passed, said = check(tools)

    assert passed
    assert [line.partition(":")[0] for line in said] == ["Python", "site"]
    assert all("nothing was checked" in line for line in said)
    assert tools.calls == [("pypi", 1), ("osv", 1)]


def test_registry_without_a_list(check: Check) -> None:
    """A registry that knows of no package at all has checked nothing."""
    passed, said = check(Tools({"pypi": [SKIPPED], "osv": [STRONG]}, NPM_CLEAN))

    assert passed
    assert said[0] == "Python: checked by osv"


def test_not_all_known(check: Check) -> None:
    """A package that the service knows nothing of is named."""
    _, said = check(Tools({"pypi": [STRONG, SKIPPED]}, NPM_CLEAN))

    assert said[0] == "Python: checked by pypi; it knows nothing of requests"


def test_answer_lost_midway(check: Check) -> None:
    """A service that answers once and then no more has checked nothing."""

    class Dying(Tools):
        def __call__(self, command: Sequence[str], folder: Path) -> str:
            answer = super().__call__(command, folder)
            return "" if self.calls[-1:] == [("pypi", 2)] else answer

    passed, said = check(Dying({"pypi": [STRONG]}, NPM_CLEAN))

    assert passed
    assert "nothing was checked" in said[0]


def test_allowed_finding(check: Check) -> None:
    """A weakness that is allowed is told and passes until its day is over."""
    tools = Tools({"pypi": [WEAK]}, NPM_CLEAN)

    passed, said = check(tools)

    assert passed
    assert said[-1].startswith(
        "py 1.11.0: PYSEC-2022-42969, CVE-2022-42969: A slow reg"
    )
    assert said[-1].endswith("… (allowed)")


@pytest.mark.parametrize("python", [{"pypi": [WEAK]}, {}])
def test_expired(check: Check, python: dict[str, list[Any]]) -> None:
    """After its day an allowance fails the audit, even where no service answers."""
    passed, said = check(Tools(python, NPM_CLEAN), TODAY + dt.timedelta(days=1))

    assert not passed
    assert said[0] == "docs/advisories.yaml: py was allowed until 2026-11-23"


def test_finding(check: Check) -> None:
    """A weakness of another package, or another one of the same, is refused."""
    other = {**WEAK, "name": "six"}
    second = {**WEAK, "vulns": [{"id": "X-1", "aliases": [], "description": ""}]}

    passed, said = check(Tools({"pypi": [other, second]}, NPM_CLEAN))

    assert not passed
    assert said[-2].startswith("six 1.11.0: PYSEC")
    assert said[-1] == "py 1.11.0: X-1 (NOT ALLOWED)"


def test_finding_of_the_site(check: Check) -> None:
    """A weak module of the site is refused; who only needs it is not told again."""
    passed, said = check(Tools({"pypi": [STRONG]}, NPM_WEAK))

    assert not passed
    assert said[2:] == ["axe <4: GHSA-1: It cuts (NOT ALLOWED)"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "can't be read"),
        ("allowed: [1]", "can't be read"),
        ("{", "can't be read"),
        ("allowed:" + ENTRY.replace("2026-11-23", "some day"), "until of py has to be"),
        (
            "allowed:" + ENTRY.replace("Subversion, and", "\n").split("so")[0],
            "can't be",
        ),
        ("allowed:" + ENTRY.replace("[PYSEC-2022-42969, CVE-2022-42969]", "[]"), "ids"),
        ("allowed: [{package: a, ids: [b], reason: c, until: 2027-01-01}]", "sentence"),
    ],
)
def test_bad_allowances(root: Path, text: str, message: str) -> None:
    """What is allowed has to be said with names, a reason and a day."""
    (root / ALLOWED).write_text(text, "utf-8")

    with pytest.raises(AuditError, match=message):
        read_allowed(root)


def test_nothing_allowed(root: Path) -> None:
    """A checkout may allow nothing at all."""
    (root / ALLOWED).write_text("allowed:\n", "utf-8")

    assert read_allowed(root) == []


def test_allowances_of_this_checkout() -> None:
    """What this checkout allows is of packages that it has, and for a year at most."""
    lock = Lock.read(ROOT)
    edited = dt.date(2026, 11, 23)

    for allowance in read_allowed(ROOT):
        assert allowance.package in lock.packages
        assert allowance.until <= edited + dt.timedelta(days=400)


def test_run_tool(tmp_path: Path) -> None:
    """What a tool prints is returned, whatever its end; a missing one is silent."""
    assert run_tool(["sh", "-c", "pwd; exit 3"], tmp_path).strip() == str(tmp_path)
    assert run_tool(["/no/such/tool"], tmp_path) == ""


def test_command_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A checkout without the file of allowances is refused in a sentence."""
    assert main([str(tmp_path)]) == 1
    assert "docs/advisories.yaml can't be read" in capsys.readouterr().err


def test_command_expired(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command fails and says what to do where something is not allowed any more."""
    text = (root / ALLOWED).read_text("utf-8").replace("2026-11-23", "2020-01-01")
    (root / ALLOWED).write_text(text, "utf-8")
    monkeypatch.setenv("PATH", "/nowhere")
    (root / LOCK).write_text("", "utf-8")

    assert main([str(root)]) == 1
    assert "with a reason" in capsys.readouterr().out
