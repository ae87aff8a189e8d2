"""What an operator may say about what runs jobs here: options, and keys of the file."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agave_local.configuration.values import BadValue, read_text
from agave_local.engines.names import is_reference
from agave_local.services.actors.runner.options import read_engine
from agave_local.services.jobs.containers.choice import WALLS


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to the command's; the file decides where one is not given."""
    parser.add_argument(
        "--jobs",
        choices=WALLS,
        help="what jobs of this machine run in (default: auto, containers where there "
        "are an engine and --job-image, else sandboxes)",
    )
    parser.add_argument(
        "--job-engine",
        metavar="URL",
        help="Docker-API engine of this machine for jobs (default: that of --docker)",
    )
    parser.add_argument(
        "--job-image",
        metavar="NAME",
        help="image of jobs' containers, with bash, coreutils and compilers",
    )


def read_wall(value: Any, _: Path) -> str:
    """Read what jobs run in."""
    if value not in WALLS:
        raise BadValue(f"is one of {', '.join(WALLS)}.")
    return str(value)


def read_image(value: Any, folder: Path) -> str:
    """Read the name of an image."""
    name = read_text(value, folder)
    if not is_reference(name):
        raise BadValue("is the name of an image, such as ipt/terminal-session:latest.")
    return name


READERS: Mapping[str, Callable[[Any, Path], Any]] = {
    "jobs": read_wall,
    "job_engine": read_engine,
    "job_image": read_image,
}
