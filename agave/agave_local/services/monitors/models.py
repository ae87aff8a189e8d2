"""Monitors: checks of systems that come back, and what they found.

duty (`wake`) ─▶ what is due ─▶ a thread: `Probes.check` ─▶ check, events, status
"""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import Forbidden, LocalTenantError, NotFound, TooMany
from agave_local.events import Event, Events
from agave_local.reading.fields import read_count, read_switch, read_text
from agave_local.records.conditions import Condition, compared, equal, less
from agave_local.records.store import Document, Store
from agave_local.services.monitors.probes import Probes, Result, Verdict
from agave_local.services.profiles.models import Profiles
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role

Documents = list[Document]
MONITOR, CHECK = "monitor", "monitor_check"
MOST_MONITORS = 1_000  # of one user
MOST_CHECKS = 1_000  # of one monitor; older ones are forgotten
_FREQUENCY, _LEAST_FREQUENCY, _MOST_FREQUENCY = 720, 5, 525_600  # minutes
_MINUTE_S = 60.0
_AT_ONCE = 2
_BATCH = 50
_STATUS = {Result.PASSED: "UP", Result.FAILED: "DOWN"}
_log = logging.getLogger(__name__)


class Monitors:
    """The monitors of the tenant.

    Args:
        store: keeps kinds `monitor` and `monitor_check`, whose `parent` is the monitor.
        clock: tells what is due.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
        systems: that are checked.
        profiles: tells which roles an owner has by now.
        probes: do the checks.
        events: are told of everything.
    """

    def __init__(  # noqa: PLR0917 - the composition root passes them by place
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        base_url: str,
        systems: Systems,
        profiles: Profiles,
        probes: Probes,
        events: Events,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url
        self._systems = systems
        self._profiles = profiles
        self._probes = probes
        self._events = events
        self._threads: ThreadPoolExecutor | None = None

    def add(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Keep a new monitor.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: the caller may not use the system, or not have its status set.
            NotFound: there is no such system.
            TooMany: the caller has very many.
        """
        asked = self._read(identity, body)
        now = self._clock.now()
        uuid = self._ids.uuid(Ids.MONITOR)
        monitor = {
            "id": uuid,
            "owner": identity.username,
            **asked,
            "created": to_iso(now),
            "lastUpdated": to_iso(now),
            "lastSuccess": None,
            "lastCheck": None,
            "due": now + asked["frequency"] * _MINUTE_S,
        }
        with self._store.transaction():
            if self._store.count(MONITOR, owner=identity.username) >= MOST_MONITORS:
                raise TooMany("You have too many monitors; delete some.")
            self._store.insert(MONITOR, uuid, monitor)
            self._tell(monitor, "CREATED")
        return monitor

    def update(
        self, identity: Identity, uuid: str, body: Mapping[str, Any]
    ) -> Document:
        """Change what a monitor does.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: the caller may not use the system, or not have its status set.
            NotFound: there is no such monitor or system.
        """
        old = self.get(identity, uuid)
        asked = self._read(identity, {**_asked_of(old), **body})
        now = self._clock.now()
        with self._store.transaction():
            changed = {
                **self.get(identity, uuid),
                **asked,
                "lastUpdated": to_iso(now),
                "due": now + asked["frequency"] * _MINUTE_S,
            }
            self._store.put(MONITOR, uuid, changed)
            self._tell(changed, "UPDATED")
        return changed

    def get(self, identity: Identity, uuid: str) -> Document:
        """Return a monitor.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        monitor = self._store.get(MONITOR, uuid)
        if monitor is None or not identity.may_act_for(monitor["owner"]):
            raise NotFound(f"There is no monitor {uuid}.")
        return monitor

    def list(
        self, identity: Identity, condition: Condition, limit: int, offset: int
    ) -> Documents:
        """Return a page of a caller's monitors, the oldest first."""
        mine = equal("owner", identity.username) & condition
        return self._store.select(MONITOR, mine, limit=limit, offset=offset)

    def meant_by(self, identity: Identity, body: Mapping[str, Any]) -> str:
        """Return the id of the monitor that a description is about.

        Raises:
            BadRequest: it names neither a monitor nor a system.
            NotFound: the caller has no monitor of that system, or several.
        """
        if body.get("id"):
            return read_text(body, "id", most=200)
        target = read_text(body, "target", most=200)
        found = self.list(identity, equal("target", target), 2, 0)
        if len(found) != 1:
            raise NotFound(f"You have {len(found)} monitors of {target}; give an id.")
        return str(found[0]["id"])

    def delete(self, identity: Identity, uuid: str) -> None:
        """Forget a monitor and what it found.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self._store.transaction():
            monitor = self.get(identity, uuid)
            self._tell(monitor, "DELETED")
            self._store.delete(MONITOR, uuid)
            self._store.delete_where(CHECK, parent=uuid)

    def run(self, identity: Identity, uuid: str) -> Document:
        """Check a system now.

        Raises:
            NotFound: there is no such monitor, or it is somebody else's.
        """
        return self._check(self.get(identity, uuid))

    def checks(
        self,
        identity: Identity,
        uuid: str,
        condition: Condition,
        limit: int,
        offset: int,
    ) -> Documents:
        """Return a page of what a monitor found, the newest first.

        Raises:
            NotFound: there is no such monitor, or it is somebody else's.
        """
        self.get(identity, uuid)
        of_it = equal("parent", uuid) & condition
        return self._store.select(CHECK, of_it, newest=True, limit=limit, offset=offset)

    def get_check(self, identity: Identity, uuid: str, check_id: str) -> Document:
        """Return one thing that a monitor found.

        Raises:
            NotFound: there is none, or it is another monitor's.
        """
        self.get(identity, uuid)
        check = self._store.get(CHECK, check_id)
        if check is None or check["parent"] != uuid:
            raise NotFound(f"The monitor has no check {check_id}.")
        return check

    def wake(self) -> None:
        """Have the monitors that are due do their checks, in threads of their own."""
        now = self._clock.now()
        due = equal("active", True) & less("due", now)  # noqa: FBT003 - the value of a field
        for monitor in self._store.select(MONITOR, due, limit=_BATCH):
            later = now + monitor["frequency"] * _MINUTE_S
            self._store.update(
                MONITOR,
                monitor["id"],
                lambda found, later=later: {**found, "due": later},  # type: ignore[misc]
            )
            if self._threads is None:
                self._threads = ThreadPoolExecutor(_AT_ONCE, "monitors")
            self._threads.submit(self._check_quietly, monitor)

    def stop(self) -> None:
        """Let the checks under way end."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(cancel_futures=True)

    def to_public(self, monitor: Document) -> dict[str, Any]:
        """Return a monitor as its owner reads it."""
        here = f"{self._base_url}/monitors/v2/{monitor['id']}"
        shown = {**monitor, "nextUpdate": to_iso(monitor["due"])}
        del shown["due"]
        if not monitor["active"]:
            shown["nextUpdate"] = None
        return {
            **shown,
            "_links": {
                "self": {"href": here},
                "checks": {"href": f"{here}/checks"},
                "system": {"href": self._systems.link(monitor["target"])},
                "owner": {"href": f"{self._base_url}/profiles/v2/{monitor['owner']}"},
            },
        }

    def to_public_check(self, check: Document) -> dict[str, Any]:
        """Return what a monitor found as its owner reads it."""
        monitor = f"{self._base_url}/monitors/v2/{check['parent']}"
        shown = {field: check[field] for field in ("id", "result", "message")}
        return {
            **shown,
            "created": to_iso(check["at"]),
            "_links": {
                "self": {"href": f"{monitor}/checks/{check['id']}"},
                "monitor": {"href": monitor},
            },
        }

    def _read(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        target = read_text(body, "target", most=200)
        updates = read_switch(body, "updateSystemStatus")
        self._systems.require(identity, target, Role.ADMIN if updates else Role.USER)
        return {
            "target": target,
            "frequency": read_count(
                body,
                "frequency",
                default=_FREQUENCY,
                least=_LEAST_FREQUENCY,
                most=_MOST_FREQUENCY,
            ),
            "active": read_switch(body, "active", default=True),
            "updateSystemStatus": updates,
            "internalUsername": body.get("internalUsername"),
        }

    def _check_quietly(self, monitor: Document) -> None:
        try:
            self._check(monitor)
        except Exception:  # noqa: BLE001 - logged; the next check must not wait for its cure
            _log.exception("a monitor failed")
        finally:
            self._store.close()

    def _check(self, monitor: Document) -> Document:
        verdict = self._verdict(monitor)
        now = self._clock.now()
        check = {
            "id": self._ids.uuid(Ids.MONITOR),
            "parent": monitor["id"],
            "result": verdict.result.value,
            "message": verdict.message or None,
            "at": now,
        }
        with self._store.transaction():
            found = self._store.get(MONITOR, monitor["id"])
            if found is None:
                return check  # it was deleted meanwhile
            before = (found["lastCheck"] or {}).get("result")
            shown = {
                "id": check["id"],
                "result": check["result"],
                "message": check["message"],
                "created": to_iso(now),
            }
            changed = {**found, "lastCheck": shown}
            if verdict.result is Result.PASSED:
                changed["lastSuccess"] = to_iso(now)
            self._store.put(MONITOR, found["id"], changed)
            self._store.insert(CHECK, check["id"], check)
            self._forget_oldest(found["id"])
            self._tell(changed, f"CHECK_{verdict.result}")
            if before != verdict.result:
                self._tell(changed, "RESULT_CHANGE")
            self._set_status(changed, verdict.result)
        return check

    def _verdict(self, monitor: Document) -> Verdict:
        """Check a system, if the monitor's owner may still use it."""
        try:
            identity = self._profiles.identity(monitor["owner"])
            system = self._systems.require(identity, monitor["target"], Role.USER)
        except LocalTenantError as error:
            return Verdict(Result.UNKNOWN, error.message)
        return self._probes.check(system)

    def _set_status(self, monitor: Document, result: Result) -> None:
        """Say that the system is up or down; what a person said of it stands."""
        status = _STATUS.get(result)
        if not monitor["updateSystemStatus"] or status is None:
            return
        system = self._systems.get(monitor["target"])
        if system.get("status") in (status, "MAINTENANCE"):
            return
        identity = self._profiles.identity(monitor["owner"])
        try:
            self._systems.set_status(identity, monitor["target"], status)
        except Forbidden:
            return  # the owner no longer administers it
        self._tell(monitor, "STATUS_CHANGE")

    def _forget_oldest(self, uuid: str) -> None:
        over = self._store.count(CHECK, parent=uuid) - MOST_CHECKS
        if over > 0:
            for check in self._store.select(CHECK, equal("parent", uuid), limit=over):
                self._store.delete(CHECK, check["id"])

    def _tell(self, monitor: Document, name: str) -> None:
        last = monitor["lastCheck"] or {}
        values = {
            "UUID": monitor["id"],
            "EVENT": name,
            "TARGET": monitor["target"],
            "SYSTEM": monitor["target"],
            "RESULT": str(last.get("result", "")),
            "OWNER": monitor["owner"],
        }
        body = self.to_public(monitor)
        self._events.publish(Event(monitor["id"], name, monitor["owner"], values, body))


def _asked_of(monitor: Document) -> Document:
    fields = ("target", "frequency", "active", "updateSystemStatus", "internalUsername")
    return {field: monitor[field] for field in fields}


def between(start: float | None, end: float | None) -> list[Condition]:
    """Return the conditions that a check was made in a span of time."""
    conditions = []
    if start is not None:
        conditions.append(compared("at", ">=", start))
    if end is not None:
        conditions.append(compared("at", "<=", end))
    return conditions
