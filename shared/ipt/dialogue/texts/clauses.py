"""Explanations: the details of a parallel loop."""

from __future__ import annotations

__all__ = ["CLAUSES"]

CLAUSES = {
    "reductions": (
        "A reduction variable collects something from all iterations. Each thread "
        "collects its own part, and the parts are combined at the end:\n\n"
        "    #pragma omp parallel for reduction(+: sum)\n"
        "    for (int i = 0; i < n; i++)\n"
        "        sum += a[i];\n\n"
        "ipt finds these variables and their operators itself. If you leave one out, "
        "it is updated by one thread at a time instead, which is slower but right."
    ),
    "array": (
        "shared: all threads use one array; right if each iteration has elements of "
        "its own. private: each thread has its own array, without values at the "
        "start; for a temporary that each iteration fills before it reads it. "
        "firstprivate: the same, filled with the values from before the loop.\n\n"
        "    double r[3];\n"
        "    #pragma omp parallel for private(r)\n"
        "    for (int i = 0; i < n; i++) { r[0] = x[i]; f[i] = norm(r); }\n\n"
        "What ipt has shown to be wrong is refused."
    ),
    "update": (
        "Several iterations update the same element, as in a histogram.\n\n"
        "    hist[key[i]]++;\n\n"
        "reduction: each thread has an array of its own, and the arrays are added at "
        "the end; best for short arrays. atomic: all threads use one array, and each "
        "single update is protected; best for long arrays, where threads seldom meet."
    ),
    "schedule": (
        "static gives each thread one equal piece: best if all iterations take the "
        "same time. dynamic hands out small portions on demand: best if their time "
        "differs much. guided begins with large portions and ends with small ones. "
        "runtime leaves the choice to the variable OMP_SCHEDULE. auto leaves it to "
        "the compiler. affinity keeps iterations where their data is: equal pieces, "
        "on threads that are spread over the machine and stay where they are "
        "(schedule(static) proc_bind(spread), the OpenMP of today for it).\n\n"
        "    #pragma omp parallel for schedule(dynamic,16)\n"
        "    for (int i = 2; i < n; i++)\n"
        "        prime[i] = is_prime(i);"
    ),
    "chunk": (
        "How many iterations a thread gets at once. Small portions balance better, "
        "large ones cost less. 0 leaves it to OpenMP.\n\n"
        "    #pragma omp parallel for schedule(dynamic,16)"
    ),
    "collapse": (
        "Runs nested loops as one long loop. That helps when the outer loop has fewer "
        "iterations than there are threads.\n\n"
        "    #pragma omp parallel for collapse(2)\n"
        "    for (int k = 0; k < 3; k++)\n"
        "        for (int i = 0; i < n; i++)\n\n"
        "The number says how many loops; 1 means none but the outermost."
    ),
    "condition": (
        "Starting threads costs some microseconds. With a condition, the loop runs "
        "in parallel only when it has enough to do:\n\n"
        "    #pragma omp parallel for if(n > 1000)\n\n"
        "Otherwise one thread runs it, with the same result."
    ),
    "simd": (
        "Lets each thread compute several iterations of an inner loop at once, with "
        "the vector instructions of its core:\n\n"
        "    #pragma omp simd\n"
        "    for (int j = 0; j < m; j++)\n"
        "        c[i][j] += a[i][k] * b[k][j];\n\n"
        "ipt has proved that these iterations do not need each other."
    ),
    "threads": (
        "How many threads run this loop. 0 leaves it to OpenMP, which takes "
        "OMP_NUM_THREADS, or one a core. A fixed number is right only if you know "
        "the machine.\n\n"
        "    #pragma omp parallel for num_threads(4)"
    ),
}
