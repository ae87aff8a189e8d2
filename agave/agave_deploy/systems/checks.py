"""Whether the parts of a system's file fit together."""

from collections.abc import Sequence

from agave_deploy.systems.fields import Fields
from agave_deploy.systems.model import Queue, SystemEntry

__all__ = ["check_lists", "check_presets", "check_queues"]


def check_queues(fields: Fields, queues: Sequence[Queue], *, is_here: bool) -> None:
    """Refuse queues of one name, and none or several that are the default.

    Args:
        fields: of the system.
        queues: of the system.
        is_here: whether they are the tenant's own machine's, whose jobs are in
            sandboxes, and these hold on one node only.

    Raises:
        RegistryError: Says what is wrong with them.
    """
    if not queues:
        raise fields.wrong("queues", "a list of at least one queue")
    _check_different(fields, "queues", [queue.name for queue in queues])
    for number, queue in enumerate(queues):
        if is_here and queue.max_nodes > 1:
            raise fields.wrong(
                f"queues[{number}].max_nodes",
                "1 with protocol LOCAL, whose jobs are in sandboxes on one node",
            )
    defaults = [queue.name for queue in queues if queue.default]
    if len(defaults) != 1:
        found = ", ".join(defaults) or "none"
        raise fields.fault(
            "queues", f"must have one with default: true; it has {found}."
        )


def check_lists(fields: Fields, entry: SystemEntry) -> None:
    """Refuse what is there twice, and modules where there is no module system.

    Raises:
        RegistryError: Names the list.
    """
    if not entry.compilers:
        raise fields.wrong("compilers", "a list of at least one compiler")
    for key, names in (
        ("compilers", [compiler.command for compiler in entry.compilers]),
        ("presets", [preset.name for preset in entry.presets]),
        ("suggested_modules", [module.name for module in entry.suggested_modules]),
    ):
        _check_different(fields, key, names)
    if entry.suggested_modules and not entry.modules:
        raise fields.fault("suggested_modules", "needs modules: true.")


def _check_different(fields: Fields, key: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise fields.fault(key, f"has '{name}' twice.")


def check_presets(fields: Fields, entry: SystemEntry) -> None:
    """Refuse a preset that the forms have no choice for, or the queue no room.

    Raises:
        RegistryError: Names the preset.
    """
    commands = [compiler.command for compiler in entry.compilers]
    queue = entry.default_queue
    for number, preset in enumerate(entry.presets):
        place = f"presets[{number}]"
        if preset.compile not in commands:
            raise fields.fault(
                f"{place}.compile", f"is no command of compilers: {_listed(commands)}."
            )
        if preset.launcher not in entry.launchers:
            raise fields.fault(
                f"{place}.launcher", f"is not in launchers: {_listed(entry.launchers)}."
            )
        if preset.nodes > queue.max_nodes or preset.processors > queue.max_processors:
            raise fields.fault(
                place,
                f"(the preset {preset.name}) needs "
                f"{_size(preset.nodes, preset.processors)}; the default queue "
                f"{queue.name} has {_size(queue.max_nodes, queue.max_processors)}.",
            )


def _size(nodes: int, processors: int) -> str:
    return (
        f"{nodes} {'node' if nodes == 1 else 'nodes'} "
        f"with {processors} {'processor' if processors == 1 else 'processors'}"
    )


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
