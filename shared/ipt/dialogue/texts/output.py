"""Explanations: one thread at a time, printing, timing."""

from __future__ import annotations

__all__ = ["OUTPUT"]

OUTPUT = {
    "protect": (
        "Some lines must not be run by two threads at once, for example because they "
        "change something that all share:\n\n"
        "    #pragma omp critical\n"
        "    { count[k]++; last[k] = i; }\n\n"
        "With such lines protected, the rest of the loop can run in parallel. It pays "
        "if the rest is most of the work."
    ),
    "kind": (
        "critical: one thread at a time, in any order. ordered: one at a time, in the "
        "order of the iterations, as the serial program does it. In a region also "
        "single: by one thread only, while the others wait; master: by the main "
        "thread only."
    ),
    "lines": (
        "Name lines of your file: 12, or 12-20, or a list such as 12,14-16. list shows "
        "them with their numbers. Each number must begin a complete statement, and a "
        "range must end with one. none means no line."
    ),
    "atomic": (
        "Each of these lines reads or changes one place in memory. The processor can "
        "do that in one step, without a lock:\n\n"
        "    #pragma omp atomic update\n"
        "    count[k] += 1;\n\n"
        "That is faster than a critical section, and just as right."
    ),
    "printing": (
        "Several threads that write at once mix their output. one: one thread writes; "
        "in a loop in the order of the iterations (ordered), otherwise the first that "
        "arrives (single). master: the main thread writes. all: every thread writes, "
        "so that lines may come several times or in any order. neither: nothing is "
        "written there, or it stays as it is."
    ),
    "timing": (
        "Adds lines around the outermost loop of each parallelized place. They print "
        "to standard error how long it took, and leave standard output as it is:\n\n"
        "    { double ipt_start = omp_get_wtime();\n"
        "    …\n"
        '    fprintf(stderr, "… took %.6f s\\n", omp_get_wtime() - ipt_start); }\n\n'
        "With details you name the lines yourself."
    ),
    "print": (
        "With no, the time is only taken; ipt_seconds holds it, for lines of your "
        "own that you add there."
    ),
}
