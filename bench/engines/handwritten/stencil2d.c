/* Potential around a charged rod: a five-point stencil on a square grid.
 *
 * Usage: stencil2d [inner points per side] [sweeps]
 */
#include <stdio.h>
#include <stdlib.h>

#define MAXN 2050

static double u[MAXN][MAXN], next[MAXN][MAXN], charge[MAXN][MAXN];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100;
    int sweeps = argc > 2 ? atoi(argv[2]) : 50;
    int i, j, sweep;
    double total = 0.0, h;

    if (n < 4 || n > MAXN - 2) {
        fprintf(stderr, "stencil2d: 4 to %d points\n", MAXN - 2);
        return 1;
    }
    h = 1.0 / (n + 1);

    /* no potential anywhere; the rod lies in the middle row */
    #pragma omp parallel for private(j)
    for (i = 0; i < n + 2; i++)
        for (j = 0; j < n + 2; j++) {
            u[i][j] = 0.0;
            next[i][j] = 0.0;
            charge[i][j] = i == n / 2 && j > n / 4 && j < 3 * n / 4 ? 1.0 / h : 0.0;
        }

    #pragma omp parallel private(sweep, i, j)
    for (sweep = 0; sweep < sweeps; sweep++) {
        #pragma omp for
        for (i = 1; i <= n; i++)
            for (j = 1; j <= n; j++)
                next[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1]
                                     + u[i][j + 1] + h * h * charge[i][j]);
        #pragma omp for
        for (i = 1; i <= n; i++)
            for (j = 1; j <= n; j++)
                u[i][j] = next[i][j];
    }

    #pragma omp parallel for private(j) reduction(+ : total)
    for (i = 1; i <= n; i++)
        for (j = 1; j <= n; j++)
            total += u[i][j] * h * h;

    printf("total %.8e\n", total);
    for (i = 1; i <= 4; i++)
        printf("u at row %d: %.8e\n", i * n / 5, u[i * n / 5][n / 2]);
    return 0;
}
