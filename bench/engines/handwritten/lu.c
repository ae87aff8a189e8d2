/* LU factorisation without pivoting, then the solution of one system.
 *
 * Usage: lu [unknowns]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAXN 2000

static double a[MAXN][MAXN];
static double x[MAXN];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 130;
    int i, j, k;
    double wrong = 0.0;
    if (n < 1 || n > MAXN)
        return 1;

    #pragma omp parallel for private(j)
    for (i = 0; i < n; i++) {
        x[i] = 0.0;
        for (j = 0; j < n; j++)
            a[i][j] = i == j ? n + 1.0 : cos(i + 2 * j);
    }
    #pragma omp parallel for private(j)
    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++)
            x[i] += a[i][j];

    #pragma omp parallel private(k, i, j)
    for (k = 0; k < n; k++)
        #pragma omp for
        for (i = k + 1; i < n; i++) {
            a[i][k] /= a[k][k];
            for (j = k + 1; j < n; j++)
                a[i][j] -= a[i][k] * a[k][j];
        }

    /* L y = b, then U x = y, both in place; the solution is 1 everywhere */
    for (i = 1; i < n; i++)
        for (j = 0; j < i; j++)
            x[i] -= a[i][j] * x[j];
    for (i = n - 1; i >= 0; i--) {
        for (j = i + 1; j < n; j++)
            x[i] -= a[i][j] * x[j];
        x[i] /= a[i][i];
    }

    #pragma omp parallel for reduction(max : wrong)
    for (i = 0; i < n; i++)
        wrong = fmax(wrong, fabs(x[i] - 1.0));
    printf("wrong by less than 1e-10: %d\n", wrong < 1e-10);
    printf("last pivot %.10f\n", a[n - 1][n - 1]);
    return 0;
}
