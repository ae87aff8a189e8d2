"""Explanations: regions, sections, tasks, the device."""

from __future__ import annotations

__all__ = ["REGIONS"]

REGIONS = {
    "region": (
        "Name the lines that the region holds, such as 12-40; list shows them with "
        "their numbers. The threads start at the first line and end behind the last. "
        "Loops in between that can run in parallel are shared out; everything else is "
        "done by one thread, or by all of them where that is the same.\n\n"
        "    #pragma omp parallel default(none) shared(n, a, b)\n"
        "    {\n"
        "        #pragma omp for\n\n"
        "A region has one way in and one way out: no return, goto or break that "
        "leaves it. What cannot be right is refused, with the reason."
    ),
    "use": (
        "yes takes the region as it is shown. With details you can choose, part by "
        "part, who runs it. no makes no region."
    ),
    "part": (
        "for: the iterations are shared out among the threads. single: the first "
        "thread that arrives runs the lines, and the others wait. master: the main "
        "thread runs them, and nobody waits. every: each thread runs them; right only "
        "where they change nothing that others see.\n\n"
        "    #pragma omp single\n"
        '    printf("step %d\\n", step);'
    ),
    "sections": (
        "Each part that you name runs on a thread of its own, side by side with the "
        "others. Name at least two parts, such as 12,13 or 12-15,16-20.\n\n"
        "    #pragma omp parallel sections\n"
        "    {\n"
        "        #pragma omp section\n\n"
        "No part may need what another one computes; ipt checks that."
    ),
    "tasks": (
        "A function that calls itself, such as a sort that splits its array, can hand "
        "each call to another thread:\n\n"
        "    #pragma omp task\n"
        "    sort(a, middle);\n\n"
        "Tasks that are too small cost more than they gain; so below a certain depth "
        "the calls stay as they are."
    ),
    "target": (
        "The loop runs on an accelerator such as a GPU, if the machine has one and "
        "the compiler knows it; otherwise the processor runs it. Data is copied there "
        "before and back after:\n\n"
        "    #pragma omp target teams distribute parallel for map(tofrom: a[0:n])\n"
        "    for (int i = 0; i < n; i++)\n"
        "        a[i] *= 2;\n\n"
        "It pays only if much is computed with each number that is copied."
    ),
    "map": (
        "in: copied to the accelerator before the loop. out: copied back after it. "
        "inout: both. The more is copied, the slower; but what is missing is wrong, "
        "so ipt refuses less than it has found to be needed."
    ),
}
