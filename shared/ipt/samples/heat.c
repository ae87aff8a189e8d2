/*
 * Heat diffusion on a square plate.
 *
 * The upper edge is kept hot, the others cold; step by step each inner point
 * becomes the mean of its four neighbours.
 *
 * Usage: heat [POINTS [STEPS]]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 400;
    int steps = argc > 2 ? atoi(argv[2]) : 200;

    if (n < 3 || n > 20000 || steps < 0) {
        fprintf(stderr, "heat: give 3 to 20000 points, and no negative steps\n");
        return 1;
    }

    double (*now)[n] = malloc(sizeof(double[n][n]));
    double (*next)[n] = malloc(sizeof(double[n][n]));
    if (now == NULL || next == NULL) {
        fprintf(stderr, "heat: not enough memory for %d points\n", n);
        return 1;
    }

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            now[i][j] = i == 0 ? 100.0 : 0.0;
            next[i][j] = now[i][j];
        }
    }

    for (int step = 0; step < steps; step++) {
        for (int i = 1; i < n - 1; i++) {
            for (int j = 1; j < n - 1; j++) {
                next[i][j] = 0.25 * (now[i - 1][j] + now[i + 1][j]
                                     + now[i][j - 1] + now[i][j + 1]);
            }
        }
        for (int i = 1; i < n - 1; i++) {
            for (int j = 1; j < n - 1; j++) {
                now[i][j] = next[i][j];
            }
        }
    }

    printf("points %d, steps %d\n", n, steps);
    printf("below the hot edge  %.10f\n", now[1][n / 2]);
    printf("a little further    %.10f\n", now[n / 20][n / 2]);
    printf("in the middle       %.10f\n", now[n / 2][n / 2]);

    free(now);
    free(next);
    return 0;
}
