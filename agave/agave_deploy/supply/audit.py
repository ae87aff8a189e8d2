"""Asks the services that know of weaknesses about everything that is locked.

    requirements.lock ─▶ pip-audit (PyPI's list, or OSV's)  ─┐
    package-lock.json ─▶ npm audit                          ─┴▶ findings ─▶ allowed?

A service that can't be reached is said and fails nothing: builds work without a way
out.  A finding fails, unless `docs/advisories.yaml` says why it does not matter here,
and until when that is believed.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from agave_deploy.errors import DeployError
from agave_deploy.supply.lock import LOCK, Lock, Pinned

__all__ = ["ALLOWED", "Allowance", "Audit", "AuditError", "Finding", "read_allowed"]

ALLOWED: Final = Path("docs/advisories.yaml")
_SERVICES: Final = ("pypi", "osv")
_PATIENCE_S: Final = 120
_SHORTEST_REASON: Final = 40
_LONGEST: Final = 160

Run = Callable[[Sequence[str], Path], str]
Say = Callable[[str], None]


class AuditError(DeployError):
    """What is allowed can't be read, or says too little."""


@dataclass(frozen=True)
class Finding:
    """A weakness that a service knows of.

    Attributes:
        package: that has it.
        version: of the package.
        ids: all names of the weakness; the first is the service's own.
        summary: in a few words.
    """

    package: str
    version: str
    ids: tuple[str, ...]
    summary: str = ""


@dataclass(frozen=True)
class Allowance:
    """A weakness that does not matter here.

    Attributes:
        package: that has it.
        ids: names of the weakness.
        reason: why it does not matter.
        until: the last day on which that is believed.
    """

    package: str
    ids: frozenset[str]
    reason: str
    until: dt.date

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is this one."""
        same = self.package == finding.package
        return same and not self.ids.isdisjoint(finding.ids)


def read_allowed(root: Path) -> list[Allowance]:
    """Return what the checkout allows.

    Raises:
        AuditError: The file can't be read, or an entry says too little.
    """
    try:
        entries = yaml.safe_load((root / ALLOWED).read_text("utf-8"))["allowed"] or []
        return [_read_allowance(entry) for entry in entries]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise AuditError(f"{ALLOWED} can't be read: {error!r}") from error


def _read_allowance(entry: Mapping[str, Any]) -> Allowance:
    reason, until = " ".join(entry["reason"].split()), entry["until"]
    package, ids = str(entry["package"]), frozenset(map(str, entry["ids"]))
    if len(reason) < _SHORTEST_REASON or not ids:
        raise AuditError(f"{ALLOWED}: {package} needs ids, and a reason in a sentence")
    if not isinstance(until, dt.date):
        raise AuditError(f"{ALLOWED}: until of {package} has to be a day")
    return Allowance(package, ids, reason, until)


def run_tool(command: Sequence[str], folder: Path) -> str:
    """Run a tool and return what it prints; nothing where it can't be run."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


class Audit:
    """One audit of a checkout.

    Args:
        root: of the checkout.
        say: takes one line for people.
        run: runs a tool in a folder and returns what it prints.
        today: the day on which allowances are read.
    """

    def __init__(self, root: Path, say: Say, run: Run, today: dt.date) -> None:
        self._root = root
        self._say = say
        self._run = run
        self._today = today

    def check(self) -> bool:
        """Tell whether nothing was found but what is allowed.

        Raises:
            AuditError: The lock, or what is allowed, can't be read.
        """
        allowed = read_allowed(self._root)
        old = [one for one in allowed if one.until < self._today]
        for one in old:
            self._say(f"{ALLOWED}: {one.package} was allowed until {one.until}")
        found = [*self._audit_python(), *self._audit_site()]
        refused = [
            finding
            for finding in found
            if not any(one.covers(finding) for one in allowed)
        ]
        for finding in found:
            verdict = "NOT ALLOWED" if finding in refused else "allowed"
            names = ", ".join(finding.ids)
            told = f"{finding.package} {finding.version}: {names}: {finding.summary}"
            self._say(f"{told.rstrip(': ')} ({verdict})")
        return not refused and not old

    def _audit_python(self) -> list[Finding]:
        locked = sorted(Lock.read(self._root), key=lambda one: one.name)
        for service in _SERVICES:
            # One question tells whether anybody answers; only then all are asked.
            if self._ask(service, locked[:1]) is not None:
                answer = self._ask(service, locked)
                if answer is not None:
                    return self._read_python(service, answer)
        self._say("Python: no list of weaknesses can be reached; nothing was checked")
        return []

    def _ask(self, service: str, packages: Iterable[Pinned]) -> list[Any] | None:
        """Return what a service says of packages; None where it does not answer."""
        with tempfile.TemporaryDirectory() as work:
            wanted = Path(work, LOCK)
            lines = [f"{one.entry}\n" for one in packages]
            wanted.write_text("".join(lines), "utf-8")
            options = ("--require-hashes", "--disable-pip", "--format=json")
            said = self._run(
                [
                    *(sys.executable, "-m", "pip_audit", "--progress-spinner=off"),
                    *(*options, "--vulnerability-service", service, "-r", str(wanted)),
                ],
                self._root,
            )
        answer = _read_json(said).get("dependencies")
        if not isinstance(answer, list):
            return None
        return answer if any("vulns" in one for one in answer) else None

    def _read_python(self, service: str, answer: Iterable[Any]) -> list[Finding]:
        found, silent = [], []
        for one in answer:
            if "vulns" not in one:
                silent.append(one["name"])
                continue
            found += [
                Finding(
                    one["name"],
                    one["version"],
                    (vulnerability["id"], *vulnerability["aliases"]),
                    _shorten(vulnerability["description"]),
                )
                for vulnerability in one["vulns"]
            ]
        names = f"; it knows nothing of {', '.join(silent)}" if silent else ""
        self._say(f"Python: checked by {service}{names}")
        return found

    def _audit_site(self) -> list[Finding]:
        command = ["npm", "audit", "--json", "--package-lock-only"]
        answer = _read_json(self._run(command, self._root / "static_site"))
        weak = answer.get("vulnerabilities")
        if not isinstance(weak, dict):
            self._say("site: no list of weaknesses can be reached; nothing was checked")
            return []
        self._say("site: checked by npm audit")
        return [
            Finding(
                package,
                str(entry.get("range", "")),
                tuple(str(cause["url"]).rpartition("/")[2] for cause in causes),
                _shorten("; ".join(str(cause["title"]) for cause in causes)),
            )
            for package, entry in weak.items()
            # Text instead of an object: it is weak only by another one of the list.
            if (causes := [one for one in entry["via"] if isinstance(one, dict)])
        ]


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _read_json(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def main(arguments: Sequence[str]) -> int:
    """Audit a checkout.

    Args:
        arguments: the checkout.
    """

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")

    today = dt.datetime.now(dt.UTC).date()
    try:
        clean = Audit(Path(arguments[0]), say, run_tool, today).check()
    except DeployError as error:
        sys.stderr.write(f"build.sh: {error}\n")
        return 1
    if not clean:
        say(f"A finding needs another version, or an entry in {ALLOWED} with a reason.")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
