/* Heat diffusion on a square plate.
 *
 * The plate starts cold; its left edge is held hot.  In each time step every
 * inner point moves towards the mean of its four neighbours.
 *
 * Usage: heat [points per side] [time steps]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 200;
    int steps = argc > 2 ? atoi(argv[2]) : 500;

    if (n < 3 || steps < 0) {
        fprintf(stderr, "usage: heat [points, at least 3] [steps]\n");
        return 1;
    }

    double *now = malloc((size_t)n * n * sizeof(double));
    double *next = malloc((size_t)n * n * sizeof(double));
    if (now == NULL || next == NULL) {
        fprintf(stderr, "heat: not enough memory\n");
        return 1;
    }

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            now[i * n + j] = j == 0 ? 100.0 : 0.0;

    for (int step = 0; step < steps; step++) {
        /* the new temperature of every inner point, from its neighbours */
        for (int i = 1; i < n - 1; i++) {
            for (int j = 1; j < n - 1; j++) {
                next[i * n + j] = now[i * n + j]
                    + 0.2 * (now[(i - 1) * n + j] + now[(i + 1) * n + j]
                             + now[i * n + j - 1] + now[i * n + j + 1]
                             - 4.0 * now[i * n + j]);
            }
        }

        /* the new temperatures become the present ones */
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                now[i * n + j] = next[i * n + j];
    }

    printf("heat: %d x %d points, %d steps\n", n, n, steps);
    for (int k = 1; k <= 4; k++) {
        int j = k * n / 8;
        printf("temperature at column %4d: %12.8f\n", j, now[(n / 2) * n + j]);
    }

    free(now);
    free(next);
    return 0;
}
