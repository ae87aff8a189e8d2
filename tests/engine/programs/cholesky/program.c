/* Cholesky factorisation, column by column.
 *
 * Usage: cholesky [rows]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void factor(int n, double a[n][n])
{
    for (int k = 0; k < n; k++) {
        a[k][k] = sqrt(a[k][k]);
        for (int i = k + 1; i < n; i++)
            a[i][k] /= a[k][k];
        for (int j = k + 1; j < n; j++)
            for (int i = j; i < n; i++)
                a[i][j] -= a[i][k] * a[j][k];
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 130;
    if (n < 1)
        return 1;
    double (*a)[n] = malloc(sizeof(double[n][n]));
    if (a == NULL)
        return 1;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = i == j ? 2.0 * n : 1.0 / (1.0 + abs(i - j));
    factor(n, a);

    double logdet = 0.0;
    for (int i = 0; i < n; i++)
        logdet += 2.0 * log(a[i][i]);
    printf("log of determinant %.8f\n", logdet);
    free(a);
    return 0;
}
