/* Heat that has settled on a plate: Gauss-Seidel sweeps, then red and black ones.
 *
 * Gauss-Seidel uses each new value at once.  On a board of red and black points,
 * a red point has black neighbours only, so that all red ones can go together.
 *
 * Usage: redblack [points per side] [sweeps]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 300;
    int sweeps = argc > 2 ? atoi(argv[2]) : 100;

    if (n < 3 || sweeps < 0) {
        fprintf(stderr, "usage: redblack [points, at least 3] [sweeps]\n");
        return 1;
    }

    double (*u)[n] = malloc(sizeof(double[n][n]));
    double (*v)[n] = malloc(sizeof(double[n][n]));
    if (u == NULL || v == NULL) {
        fprintf(stderr, "redblack: not enough memory\n");
        return 1;
    }

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            u[i][j] = v[i][j] = i == 0 ? 100.0 : 0.0;

    for (int sweep = 0; sweep < sweeps; sweep++)
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);

    for (int half = 0; half < 2 * sweeps; half++)
        for (int i = 1; i < n - 1; i++)
            for (int j = 1 + (i + half) % 2; j < n - 1; j += 2)
                v[i][j] = 0.25 * (v[i - 1][j] + v[i + 1][j] + v[i][j - 1] + v[i][j + 1]);

    printf("redblack: %d x %d points, %d sweeps\n", n, n, sweeps);
    printf("one after the other: %12.8f\n", u[n / 8][n / 2]);
    printf("red, then black:     %12.8f\n", v[n / 8][n / 2]);
    free(u);
    free(v);
    return 0;
}
