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
        "        #pragma omp for\n"
        "        for (int i = 0; i < n; i++)\n"
        "            a[i] = b[i];\n"
        "    }\n\n"
        "A region has one way in and one way out: no return, goto or break that "
        "leaves it. What cannot be right is refused, with the reason."
    ),
    "use": (
        "yes takes the region as it is shown. With details you can name lines "
        "for one thread, and say how each loop is shared out. no makes no region.\n"
        "The parts become: for, whose iterations are shared out among the threads; "
        "single, which the first thread that arrives runs, while the others wait; "
        "master, which the main thread runs; or plain lines, which every thread runs "
        "where that is the same.\n\n"
        "    #pragma omp single\n"
        '    printf("step %d\\n", step);'
    ),
    "sections": (
        "Each part that you name runs on a thread of its own, side by side with the "
        "others. Name at least two parts, such as 12,13 or 12-15,16-20.\n\n"
        "    #pragma omp parallel sections\n"
        "    {\n"
        "        #pragma omp section\n"
        "        one();\n"
        "        #pragma omp section\n"
        "        two();\n"
        "    }\n\n"
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
