"""The lines that a job runs, made of its parameters as the wrappers make them."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

__all__ = ["MAIN_INPUTS", "input_names", "line_of_document", "to_command_line"]

MAIN_INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "compile": ("driver",),
    "run": ("binary",),
    "build-run": ("driver",),
    "compare": ("serial", "parallel"),
}
"""The inputs of each kind's app that its lines begin with."""

# Which words of its command a comparison repeats behind the sources.
_LIBRARY: Final = re.compile(r"-l[A-Za-z0-9_.:+-]+")
# As the wrappers do: headers and data files only lie beside the source.
_COMPILED: Final = frozenset(
    {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cu", ".s", ".S", ".o", ".a", ".so"}
)


def line_of_document(raw: Mapping[str, Any], kind: str) -> str:
    """Return the lines of a job as Agave has it; empty where they can't be known."""
    inputs, parameters = raw.get("inputs"), raw.get("parameters")
    if not isinstance(inputs, Mapping) or not isinstance(parameters, Mapping):
        return ""
    names = input_names(inputs, *MAIN_INPUTS.get(kind, ()))
    return to_command_line(kind, parameters, names)


def input_names(inputs: Mapping[str, Any], *mains: str) -> list[str]:
    """Return the file names of a job's inputs, the main ones first."""
    if "parallel" in mains and not inputs.get("parallel"):
        # One source, compiled in two ways.
        inputs = {**inputs, "parallel": inputs.get("serial")}
    uris: list[str] = []
    for name in (*mains, "supplementalFiles"):
        given = inputs.get(name) or []
        uris += [given] if isinstance(given, str) else map(str, given)
    return [unquote(PurePosixPath(urlsplit(uri).path).name) for uri in uris]


def to_command_line(
    kind: str, parameters: Mapping[str, Any], names: Sequence[str]
) -> str:
    """Return the lines that a wrapper makes of parameters and staged files.

    Args:
        kind: One of the four; anything else has no line that we know.
        parameters: The job's parameters, as Agave has them.
        names: File names, the main ones first.
    """
    if kind not in MAIN_INPUTS or len(names) < len(MAIN_INPUTS[kind]):
        return ""
    values = _Values(parameters)
    return "\n".join(_lines(kind, values, names))


def _lines(kind: str, values: "_Values", names: Sequence[str]) -> Iterator[str]:
    match kind:
        case "compile":
            yield _compile(values["command"], names, values["output"], values["args"])
        case "run":
            yield _run(values["command"], _file(names[0]), values)
        case "build-run":
            output = values["output"]
            yield _compile(
                values["compileCommand"], names, output, values["compileArgs"]
            )
            yield _run(values["command"], _file(output), values)
        case _:
            yield from _compare(values, names)


class _Values:
    """Parameters as texts: Agave may make a list or a fraction of each."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters

    def __getitem__(self, name: str) -> str:
        given = self._parameters.get(name)
        if isinstance(given, list):
            given = " ".join(map(str, given))
        return "" if given is None else str(given)


def _compile(command: str, names: Sequence[str], output: str, args: str) -> str:
    files = [_file(names[0])]
    files += [_file(name) for name in names[1:] if _is_compiled(name)]
    return _join(command, *files, "-o", _file(output), args)


def _is_compiled(name: str) -> bool:
    return PurePosixPath(name).suffix in _COMPILED


def _run(
    launcher: str, program: str, values: _Values, *, threads: str | None = None
) -> str:
    number = (values["threads"] if threads is None else threads).removesuffix(".0")
    setting = f"OMP_NUM_THREADS={number}" if number else ""
    words = launcher.split()
    if "./" in words:
        return _join(setting, program, values["args"])
    if any(word.startswith("./") for word in words):
        # Typed with the program in it, by somebody's own script.
        return _join(setting, launcher, values["args"])
    return _join(setting, launcher, program, values["args"])


def _compare(values: _Values, names: Sequence[str]) -> Iterator[str]:
    serial, parallel, *others = names
    programs = []
    for label, source in (("serial", serial), ("parallel", parallel)):
        command = values[f"{label}Compile"]
        if not command:
            programs.append(_file(source))
            continue
        output = f"compare/{label}.run"
        libraries = " ".join(filter(_LIBRARY.fullmatch, command.split()))
        yield _compile(command, [source, *others], output, libraries)
        programs.append(_file(output))
    yield _run("", programs[0], values, threads="1")
    launcher = values["launcher"]
    for count in values["counts"].split():
        filled = launcher.replace("{ranks}", count)
        yield _run(filled, programs[1], values, threads="1" if launcher else count)


def _file(name: str) -> str:
    return shlex.quote(f"./{name}")


def _join(*words: str) -> str:
    return " ".join(word for word in words if word)
