"""Explanations: which model, which function, what to make in it."""

from __future__ import annotations

__all__ = ["PROGRAM"]

PROGRAM = {
    "model": (
        "OpenMP runs the iterations of a loop on the cores of one machine; all "
        "threads see the same memory. MPI runs several processes, on one or many "
        "machines, which send each other messages. CUDA runs loops on an NVIDIA GPU."
    ),
    "function": (
        "ipt works on one function at a time. Choose the one where the program "
        "spends its time: usually the one with the deepest loops. Other functions "
        "can follow."
    ),
    "make": (
        "loops: the iterations of a loop are shared out among threads. This is the "
        "usual way, and right for most programs.\n"
        "region: threads start once and run several loops and the lines between "
        "them. Choose it when loops follow each other, or when a loop that must "
        "stay serial has parallel ones inside:\n\n"
        "    #pragma omp parallel\n"
        "    for (step = 0; step < steps; step++) {\n"
        "        #pragma omp for\n\n"
        "sections: different work side by side, for example two calls that do not "
        "need each other's results.\n"
        "tasks: for functions that call themselves.\n"
        "target: a loop runs on an accelerator, with its data copied there and back."
    ),
    "another": (
        "Other functions have loops that can run in parallel. It pays only if they "
        "take a noticeable part of the run time."
    ),
}
