/* Gauss-Seidel relaxation: every point uses new values of its neighbours at once.
 *
 * Usage: gauss_seidel [points per side] [sweeps]
 */
#include <stdio.h>
#include <stdlib.h>

#define MAXN 1000

static double u[MAXN][MAXN];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100;
    int sweeps = argc > 2 ? atoi(argv[2]) : 60;
    if (n < 4 || n > MAXN)
        return 1;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            u[i][j] = j == 0 ? 10.0 : 0.0;

    for (int sweep = 0; sweep < sweeps; sweep++)
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);

    /* the means of the rows do not depend on each other */
    for (int i = 0; i < n; i += n / 4) {
        double mean = 0.0;
        for (int j = 0; j < n; j++)
            mean += u[i][j] / n;
        printf("row %d: %.10f\n", i, mean);
    }
    return 0;
}
