"""Does a request on the files of the current folder, and shows Clang nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipt.analysis import Analyzer
from ipt.commands.analyze import chosen_functions
from ipt.commands.delivery import Delivery, refuse_clash
from ipt.commands.options import read_files
from ipt.commands.records import analysis_record, function_records
from ipt.depth import deep_recursion
from ipt.errors import InternalError, ServiceRefused
from ipt.reading import confined, find_toolchain
from ipt.reading.toolchain import language_of, stand_in, using
from ipt.service.files import is_file_name
from ipt.service.parallelizing import parallelize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program
    from ipt.service.request import EngineRequest

__all__ = ["serve"]

_MACRO = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(=.*)?", re.DOTALL)
_STAND_IN = (
    "No compiler is installed here: the program was read, and the parallel one "
    "checked, with ipt's own declarations of the C library."
)


def serve(request: EngineRequest, names: Sequence[str]) -> dict[str, Any]:
    """Do a request.

    Args:
        request: What to do.
        names: The program's sources, paths within the current folder.

    Returns:
        JSON values.

    Raises:
        IptError: It cannot be done.
    """
    _check(request)
    paths = [Path(name) for name in names]
    here = Path.cwd()
    languages = {language_of(name) or "c" for name in names}
    tools = {
        each: stand_in() if request.stand_in else find_toolchain(each)
        for each in sorted(languages)
    }
    folders = [folder for key, each in tools.items() for folder in each.includes(key)]
    overlay = here.with_name("overlay.json")
    with deep_recursion(), using(tools), confined(overlay, [str(here), *folders]):
        remarks = [_STAND_IN] * any(
            each.is_stand_in(key) for key, each in tools.items()
        )
        refuse_clash(Delivery(tuple(paths), None, request.rose_names), [])
        program = read_files(paths, request.flags)
        try:
            result = _do(request, program)
        except InternalError as error:
            raise ServiceRefused("internal", error.message) from error
        return {**result, "warnings": list(program.warnings), "remarks": remarks}


def _do(request: EngineRequest, program: Program) -> dict[str, Any]:
    analyzer = Analyzer(program)
    if request.action != "analyze":
        return parallelize(request, analyzer)
    functions = function_records(program, analyzer)
    return analysis_record(program, chosen_functions(functions, request.functions))


def _check(request: EngineRequest) -> None:
    """Check that what is asked for goes together, as the command line does."""
    if request.model not in ("", "openmp"):
        raise _refused(
            f"{request.model} is not available yet in this version of ipt. Use openmp."
        )
    if request.action == "ask" and (request.exact or request.restructure):
        raise _refused(
            "exact and restructure are for auto. In the dialogue you are asked."
        )
    if request.action != "ask" and (request.answers or request.defaults):
        raise _refused("answers and defaults are for ask: nothing else asks anything.")
    if len(request.answers) > request.most_questions:
        raise _refused(f"There may be at most {request.most_questions} answers.")
    for folder in request.include:
        is_inside = folder == "." or is_file_name(folder)
        if not is_inside or not Path(folder).is_dir():
            raise _refused(
                "include names folders within the files that were given, such as "
                "include for a file include/grid.h."
            )
    for macro in request.define:
        if not _MACRO.fullmatch(macro):
            raise _refused("A macro is a name, or a name, = and what it stands for.")


def _refused(message: str) -> ServiceRefused:
    return ServiceRefused("request", message)
