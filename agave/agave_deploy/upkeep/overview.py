"""What `status` says: of each function what is wanted, what runs, and since when."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from agave_deploy.planning.plan import Plan
from agave_deploy.planning.wanted import Wanted
from agave_deploy.tenant.state import State

__all__ = ["FunctionStatus", "Overview", "make_overview"]

_WELL: Final = frozenset({"READY", "SUBMITTED"})
_HEADS: Final = ("function", "wanted", "running", "revision", "status", "last release")


@dataclass(frozen=True)
class FunctionStatus:
    """One function.

    Attributes:
        name: of the function.
        wanted: image that the checkout wants.
        running: image that the tenant has; empty where it has none.
        revision: of the actor; 0 where there is none.
        status: of the actor, or `MISSING`.
        message: of the tenant, where the status is ERROR.
        released: when it got its image; empty where nobody noted it.
    """

    name: str
    wanted: str
    running: str
    revision: int
    status: str
    message: str
    released: str

    @property
    def cells(self) -> tuple[str, ...]:
        """What its line in the table has."""
        running = "the same" if self.running == self.wanted else self.running or "-"
        revision = str(self.revision or "-")
        shown = self.released or "-"
        return (self.name, self.wanted, running, revision, self.status, shown)


@dataclass(frozen=True)
class Overview:
    """All functions of one instance, and how much there is to do.

    Attributes:
        tenant: its address.
        instance: name of the installation.
        functions: in the order of actors.yaml.
        site: version of the site; empty where there is none.
        plan: what apply would do.
    """

    tenant: str
    instance: str
    functions: tuple[FunctionStatus, ...]
    site: str
    plan: Plan

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do, and everything runs or soon will."""
        runs = all(function.status in _WELL for function in self.functions)
        return runs and not self.plan.steps

    def to_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "tenant": self.tenant,
            "instance": self.instance,
            "functions": [asdict(function) for function in self.functions],
            "site": self.site,
            "to_do": [str(step) for step in self.plan.steps],
            "notes": list(self.plan.notes),
            "well": self.is_well,
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.instance} on {self.tenant}, site {self.site or 'missing'}"
        rows = [_HEADS, *(function.cells for function in self.functions)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()
        for function in self.functions:
            if function.message:
                yield f"{function.name}: {function.message}"
        todo = f"{self.plan.size} to do" if self.plan.steps else "nothing to do"
        yield todo
        yield from self.plan.notes


def make_overview(wanted: Wanted, state: State, plan: Plan) -> Overview:
    """Return what there is to say."""
    return Overview(
        wanted.profile.tenant,
        wanted.profile.instance,
        tuple(_look_at_all(wanted, state)),
        state.site.version,
        plan,
    )


def _look_at_all(wanted: Wanted, state: State) -> Iterator[FunctionStatus]:
    for function in wanted.functions:
        alias = wanted.alias(function)
        actor = state.actors.get(state.actor_of(alias, f"ipt-{alias}") or "", {})
        last = state.releases.last(function.name)
        status = str(actor.get("status", "MISSING"))
        said = str(actor.get("statusMessage") or "").strip()
        yield FunctionStatus(
            name=function.name,
            wanted=str(wanted.actor(function)["image"]),
            running=str(actor.get("image", "")),
            revision=int(actor.get("revision", 0)),
            status=status,
            message=said if status == "ERROR" else "",
            released=last.time if last and last.image == actor.get("image") else "",
        )
