"""Explanations: a loop, and what a person may be asked to vouch for."""

from __future__ import annotations

__all__ = ["LOOPS"]

LOOPS = {
    "loop": (
        "If you say yes, the iterations of this loop are shared out among threads. "
        "That is right only if no iteration needs what another one computes, which "
        "ipt has checked.\n\n"
        "    #pragma omp parallel for default(none) shared(n, a, b)\n"
        "    for (int i = 0; i < n; i++)\n"
        "        a[i] = 2 * b[i];\n\n"
        "The outermost loop that can run in parallel gives each thread the most work "
        "between two waits; so once you choose a loop, the loops inside it are not "
        "offered any more. A parallel loop must be entered at its top and run to its "
        "end: no break, no return out of it.\n"
        "details is a yes that also lets you see and change every clause."
    ),
    "distinct": (
        "Two pointers may lead to the same memory. If they do, one iteration may "
        "overwrite what another one reads, and the result depends on luck. ipt could "
        "not see where these pointers come from. Say yes only if they never overlap, "
        "for example because each comes from its own malloc.\n\n"
        "    copy(n, a, b);         a and b do not overlap\n"
        "    copy(n, a, a + 1);     these two do"
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
    "order": (
        "One thread at a time runs these lines, but not in the order of the "
        "iterations: sometimes a later one comes first. Say yes only if the result "
        "is right in any order, for example because lines are written to a file "
        "that is sorted later. ordered keeps the order of the serial program."
    ),
    "parts": (
        "Both calls run at the same time. Say yes only if each one works on its own "
        "part of the data, for example on the lower and the upper half of an array."
    ),
    "length": (
        "The array is copied to the accelerator, and ipt must know how long it is. A "
        "length that is too small gives a wrong result, one that is too large reads "
        "what is not yours."
    ),
    "restructure": (
        "The loop as it is written cannot run in parallel, or not well; written in "
        "another way, it can. ipt has proved that both ways compute the same. The "
        "lines before and after the change are shown; everything else in your file "
        "stays as it is.\n\n"
        "    for (i = 1; i < n; i++) {      for (i = 1; i < n; i++)\n"
        "        a[i] = a[i-1] + b[i];          a[i] = a[i-1] + b[i];\n"
        "        c[i] = 2 * b[i];           for (i = 1; i < n; i++)\n"
        "    }                                  c[i] = 2 * b[i];\n\n"
        "The second loop on the right can run in parallel, the first one not."
    ),
}
