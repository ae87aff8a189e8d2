"""The explanations behind `?`."""

from __future__ import annotations

__all__ = ["HELP"]

HELP = {
    "model": (
        "OpenMP runs the iterations of a loop on the cores of one machine; all "
        "threads see the same memory. MPI runs several processes, on one or many "
        "machines, which send each other messages. CUDA runs loops on an NVIDIA GPU."
    ),
    "function": (
        "ipt works on one function at a time. Choose the one where the program "
        "spends its time: usually the one with the deepest loops."
    ),
    "loop": (
        "If you say yes, the iterations of this loop are shared out among threads. "
        "That is right only if no iteration needs what another one computes, which "
        "ipt has checked. The outermost loop that can run in parallel gives each "
        "thread the most work between two waits; so once you choose a loop, the "
        "loops inside it are not offered any more."
    ),
    "distinct": (
        "Two pointers may lead to the same memory. If they do, one iteration may "
        "overwrite what another one reads, and the result depends on luck. ipt could "
        "not see where these pointers come from. Say yes only if they never overlap, "
        "for example because each comes from its own malloc."
    ),
    "rows": (
        "The array is one block that is used as a table, row after row. If a column "
        "number were larger than the row is long, the access would end up in the "
        "next row, which belongs to another iteration. Say yes only if that never "
        "happens."
    ),
    "row_pointers": (
        "The array holds pointers to rows. If two of them pointed to the same row, "
        "two iterations would write the same memory. Say yes only if each row has "
        "memory of its own."
    ),
    "rounding": (
        "Each thread adds up its own part, and the parts are added at the end. "
        "Floating-point numbers are rounded after each addition, so another order "
        "may change the last digits of the result; neither order is more right."
    ),
    "schedule": (
        "static gives each thread one equal piece: best if all iterations take the "
        "same time. dynamic hands out small portions on demand: best if their time "
        "differs much. guided begins with large portions and ends with small ones. "
        "runtime leaves the choice to the variable OMP_SCHEDULE."
    ),
    "chunk": (
        "How many iterations a thread gets at once. Small portions balance better, "
        "large ones cost less. 0 leaves it to OpenMP."
    ),
    "another": (
        "Other functions of the file have loops that can run in parallel. It pays "
        "only if they take a noticeable part of the run time."
    ),
    "timing": (
        "Adds two lines around the outermost loop of each parallelized place. They "
        "print to standard error how long it took, so that standard output stays "
        "the same."
    ),
}
