"""A program of any length, made of functions as people write them."""

from __future__ import annotations

_HEAD = """\
/* Made for a measurement. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 64
"""

_FUNCTIONS = (
    """
static void relax_{k}(int n, double (*u)[N], double (*next)[N])
{{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            next[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            u[i][j] = next[i][j];
}}
""",
    """
static double norm_{k}(int n, const double *v)
{{
    double sum = 0.0, most = 0.0;
    for (int i = 0; i < n; i++) {{
        double size = fabs(v[i]);
        sum += size * size;
        if (size > most)
            most = size;
    }}
    return most > 0.0 ? sqrt(sum) / most : 0.0;
}}
""",
    """
static void multiply_{k}(int n, const double *a, const double *b, double *c)
{{
    int i, j, k;
    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++) {{
            double sum = 0.0;
            for (k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }}
}}
""",
    """
static void totals_{k}(int n, const double *v, double *total)
{{
    total[0] = v[0];
    for (int i = 1; i < n; i++)
        total[i] = total[i - 1] + v[i];
}}
""",
    """
static int work_{k}(int n)
{{
    double (*u)[N] = malloc(sizeof(double[N][N]));
    double (*next)[N] = malloc(sizeof(double[N][N]));
    double *c = malloc(N * N * sizeof(double));
    double *total = malloc(N * sizeof(double));
    double x = 0.0;

    if (!u || !next || !c || !total)
        return 1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            u[i][j] = next[i][j] = (i * 7 + j) % {p} / 10.0;
    for (int step = 0; step < 4; step++)
        relax_{k}(n, u, next);
    multiply_{k}(n, u[0], next[0], c);
    totals_{k}(n, c, total);
    x = norm_{k}(n, total);
    if (x > 1e9)
        printf("%f\\n", x);
    free(u);
    free(next);
    free(c);
    free(total);
    return 0;
}}
""",
)


def program_of_lines(lines: int) -> str:
    """Return a program of about so many lines.

    Args:
        lines: How many.
    """
    parts, length, k = [_HEAD], _HEAD.count("\n"), 0
    while length < lines:
        group = "".join(_FUNCTIONS).format(k=k, p=k % 97 + 2)
        parts.append(group)
        length += group.count("\n")
        k += 1
    calls = "".join(f"    wrong += work_{each}(N);\n" for each in range(k))
    parts.append(f"\nint main(void)\n{{\n    int wrong = 0;\n{calls}")
    parts.append("    return wrong;\n}\n")
    return "".join(parts)
