"""The lines that are shown before a job are the ones that its wrapper runs."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.document import build_document, command_line_of
from iptweb.jobs.lines import MAIN_INPUTS, input_names
from iptweb.testing.settings import SYSTEM

REGISTRY = Registry([SYSTEM | {"launchers": ["", "launcher -N {nodes} -n {ranks}"]}])
APPS = {
    "compile": "ipt-build",
    "run": "ipt-run",
    "build-run": "ipt-build-run",
    "compare": "ipt-compare",
}
# Leaves its own words; as a compiler it makes a program that does the same.
KEEPER = """#!/bin/sh
name="$0"
case $name in
  "$PWD"/*) name=".${name#"$PWD"}" ;;
  /*) name="${name##*/}" ;;
esac
{
  printf 'OMP_NUM_THREADS=%s\\0' "$OMP_NUM_THREADS"
  printf '%s\\0' "$name" "$@"
  echo
} >>seen
for word; do [ "$last" != -o ] || made=$word; last=$word; done
[ "$name" != compiler ] || cp "$0" "$made"
"""
NAMES = ["heat.c", "my heat.c", "it's.c", 'q"x.c', "température;$(id).c"]
ANY = {
    "request_id": "request-1",
    "system": "local",
    "args": '1 \'a  b\' "c\'d" ""',
    "files": ["x.h", "src/more é.c"],
}
BUILD = {"output": "made", "files": ["lib.a", "src/more é.c", "x.h"]}
COMPARE = ANY | {
    "kind": "compare",
    "serial_compile": "compiler -O2 -lm -Dx",
    "parallel_compile": "compiler '-Ix y' -lomp",
    "counts": [1, 3],
}
LAUNCHED = {"launcher": "launcher -N {nodes} -n {ranks}"}
BODIES: list[dict[str, Any]] = [
    ANY | BUILD | {"kind": "compile", "command": "compiler", "source": "NAME"},
    ANY | {"kind": "run", "binary": "NAME", "threads": 3},
    ANY | LAUNCHED | {"kind": "run", "binary": "NAME", "ranks": 4},
    ANY
    | BUILD
    | LAUNCHED
    | {"kind": "build-run", "compile": "compiler -DX='a b'", "source": "NAME"}
    | {"compile_args": "-lm", "ranks": 2, "threads": 2},
    COMPARE | {"serial": "NAME", "parallel": "2.c", "repeats": 2},
    COMPARE | {"serial": "NAME"} | LAUNCHED,
    COMPARE | {"serial": "1", "serial_compile": "", "parallel": "NAME"} | BUILD,
]
for each in BODIES[-3:]:
    each.pop("output", None)


def values_of(document: dict[str, Any], kind: str) -> dict[str, str]:
    """Return what Agave puts into a wrapper: names of files, and texts."""
    names = {
        name: " ".join(input_names({"supplementalFiles": given}))
        for name, given in document["inputs"].items()
    }
    missing = dict.fromkeys(
        [*MAIN_INPUTS[kind], "supplementalFiles", "args", "modules"], ""
    )
    texts = {name: str(given) for name, given in document["parameters"].items()}
    return missing | names | texts


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", range(len(BODIES)))
def test_what_runs_is_what_was_shown(
    bench: Any, tmp_path: Path, number: int, name: str
) -> None:
    """Every program gets exactly the words of its line, in the order of the lines."""
    body = {
        field: name if value == "NAME" else value
        for field, value in BODIES[number].items()
    }
    job = read_job_request(body, REGISTRY)
    document = build_document(job, user="ada", storage_system="s", now=0)
    (tmp_path / "bin").mkdir()
    for program in ("compiler", "launcher"):
        path = tmp_path / "bin" / program
        path.write_text(KEEPER, "utf-8")
        path.chmod(0o755)
    for given in document["inputs"].values():
        for staged in input_names({"supplementalFiles": given}):
            bench.put(staged, KEEPER)
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}

    process = bench.start(APPS[job.kind], values_of(document, job.kind), env=env)
    ended = bench.end(process)

    assert ended.code == 0, ended.err
    ran = [
        line.split("\0")[:-1] for line in (ended.file("seen") or "").split("\n")[:-1]
    ]
    lines: list[list[str]] = []
    for line in command_line_of(job).split("\n"):
        is_compiled = " -o " in line
        words = [*shlex.split(line)]
        lines += [words] * (1 if is_compiled else int(body.get("repeats", 1)))
    assert [words[1:] if "-o" in words else words for words in ran] == lines
