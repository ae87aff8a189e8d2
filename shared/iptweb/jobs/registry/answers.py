"""What callers get of the systems (docs/architecture.md §5.4)."""

from typing import NotRequired, TypedDict

__all__ = [
    "CompilerAnswer",
    "ModuleAnswer",
    "PresetAnswer",
    "QueueAnswer",
    "SystemAnswer",
    "Systems",
]

# `for` is a word of the language.
CompilerAnswer = TypedDict(
    "CompilerAnswer",
    {
        "label": NotRequired[str],
        "command": str,
        "for": NotRequired[str],
        "language": NotRequired[str],
    },
)
CompilerAnswer.__doc__ = """A suggestion for the compile command.

Attributes:
    label: What people call it.
    command: The command.
    for: What it is good for: `serial`, `openmp`, `mpi`, `hybrid` or `cuda`.
    language: `c` or `c++`.
"""


class ModuleAnswer(TypedDict):
    """A suggestion for a module to load.

    Attributes:
        name: Of the module.
        label: What people call it.
    """

    name: str
    label: NotRequired[str]


class PresetAnswer(TypedDict):
    """What forms are filled in with for one kind of program.

    Attributes:
        name: Of the preset.
        label: What people call it.
        compile: The compile command.
        launcher: One of the system's launchers.
        ranks: Processes altogether.
        threads: Of each rank.
        nodes: How many.
    """

    name: str
    label: NotRequired[str]
    compile: NotRequired[str]
    launcher: NotRequired[str]
    ranks: NotRequired[int]
    threads: NotRequired[int]
    nodes: NotRequired[int]


class QueueAnswer(TypedDict):
    """A queue and its limits.

    Attributes:
        name: Of the queue.
        description: For people.
        default: Whether it is taken where none is named.
        max_nodes: Most nodes of a job.
        max_processors: Of each node.
        max_run_time: `HH:MM:SS`.
        max_memory: Of each node, such as `8GB`; empty where nobody knows.
    """

    name: str
    description: NotRequired[str]
    default: NotRequired[bool]
    max_nodes: NotRequired[int]
    max_processors: NotRequired[int]
    max_run_time: NotRequired[str]
    max_memory: NotRequired[str]


class SystemAnswer(TypedDict):
    """A place to compile and run on.

    Attributes:
        name: What requests name it by.
        label: What people call it.
        description: For people.
        scheduler: FORK or SLURM.
        build_app: App of `compile` jobs.
        run_app: App of `run` jobs.
        build_run_app: App of `build-run` jobs; without one it takes none.
        compare_app: App of `compare` jobs; without one it takes none.
        build_system: System of the tenant to compile on.
        run_system: System of the tenant to run on.
        modules: Whether it has modules to load.
        suggested_modules: Some of them.
        compilers: Suggestions for compile commands.
        launchers: What may start a parallel program; empty for nothing.
        presets: What forms are filled in with.
        queues: What jobs can be put into.
    """

    name: str
    label: NotRequired[str]
    description: NotRequired[str]
    scheduler: NotRequired[str]
    build_app: str
    run_app: str
    build_run_app: NotRequired[str]
    compare_app: NotRequired[str]
    build_system: str
    run_system: str
    modules: NotRequired[bool]
    suggested_modules: NotRequired[list[ModuleAnswer]]
    compilers: NotRequired[list[CompilerAnswer]]
    launchers: NotRequired[list[str]]
    presets: NotRequired[list[PresetAnswer]]
    queues: NotRequired[list[QueueAnswer]]


class Systems(TypedDict):
    """The systems of the instance.

    Attributes:
        systems: In the order in which they are offered.
    """

    systems: list[SystemAnswer]
