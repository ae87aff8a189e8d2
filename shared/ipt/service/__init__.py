"""The engine for programs: texts and answers in, questions or new texts out.

request   what may be asked for
files     the program's files: which names they may have, and how large they are
child     does a request in a process of its own, with limits on time and memory
process   what that process does: limits first, then the engine
engine    does the request: `parallelizing`, `questions`
offers    what can be asked for here

Nothing is kept between two calls: whoever leads a dialogue sends all answers so
far each time.  The texts may come from anybody: Clang sees nothing of the machine
but them and the system's headers (`reading.confinement`).
"""

from __future__ import annotations

from ipt.service.child import serve_in_child
from ipt.service.files import Limits, check_files, is_file_name
from ipt.service.offers import offers
from ipt.service.request import EngineRequest

__all__ = [
    "EngineRequest",
    "Limits",
    "check_files",
    "is_file_name",
    "offers",
    "serve_in_child",
]
