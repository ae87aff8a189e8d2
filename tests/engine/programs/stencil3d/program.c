/* Diffusion of a drop in a box: a seven-point stencil, two fields that change places.
 *
 * Usage: stencil3d [points per side] [steps]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define AT(i, j, k) (((size_t)(i) * n + (j)) * n + (k))

static void diffuse(const double *restrict from, double *restrict to, int n, double c)
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            for (int k = 1; k < n - 1; k++)
                to[AT(i, j, k)] = from[AT(i, j, k)]
                    + c * (from[AT(i - 1, j, k)] + from[AT(i + 1, j, k)]
                           + from[AT(i, j - 1, k)] + from[AT(i, j + 1, k)]
                           + from[AT(i, j, k - 1)] + from[AT(i, j, k + 1)]
                           - 6.0 * from[AT(i, j, k)]);
}

static double largest(const double *field, int n)
{
    double most = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++)
                most = fmax(most, field[AT(i, j, k)]);
    return most;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 24;
    int steps = argc > 2 ? atoi(argv[2]) : 20;
    double *now = calloc((size_t)n * n * n, sizeof *now);
    double *then = calloc((size_t)n * n * n, sizeof *then);
    if (n < 8 || now == NULL || then == NULL)
        return 1;

    for (int i = n / 3; i < 2 * n / 3; i++)
        for (int j = n / 3; j < 2 * n / 3; j++)
            for (int k = n / 3; k < 2 * n / 3; k++)
                now[AT(i, j, k)] = 1.0;

    for (int step = 0; step < steps; step++) {
        diffuse(now, then, n, 0.1);
        double *other = now;
        now = then;
        then = other;
    }

    printf("largest %.10f\n", largest(now, n));
    printf("centre  %.10f\n", now[AT(n / 2, n / 2, n / 2)]);
    free(now);
    free(then);
    return 0;
}
