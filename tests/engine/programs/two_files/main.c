/* Waves on a string; the computing is in wave.c.
 *
 * Usage: two_files [points] [steps]
 */
#include <stdio.h>
#include <stdlib.h>

#include "wave.h"

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 2000;
    int steps = argc > 2 ? atoi(argv[2]) : 200;
    double *before = malloc(n * sizeof(double));
    double *now = malloc(n * sizeof(double));
    double *after = malloc(n * sizeof(double));
    if (n < 3 || !before || !now || !after)
        return 1;

    for (int i = 0; i < n; i++)
        before[i] = now[i] = shape(i, n);
    after[0] = after[n - 1] = 0.0;

    for (int step = 0; step < steps; step++) {
        advance(n, before, now, after);
        for (int i = 0; i < n; i++) {
            before[i] = now[i];
            now[i] = after[i];
        }
    }

    double energy = 0.0;
    for (int i = 0; i < n; i++)
        energy += square(now[i]) + square(now[i] - before[i]);
    printf("energy %.8f, middle %.8f\n", energy, now[n / 2]);
    free(before);
    free(now);
    free(after);
    return 0;
}
