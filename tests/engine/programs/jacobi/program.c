/* Jacobi's method for a diagonally dominant system, until nothing moves any more.
 *
 * Usage: jacobi [unknowns]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 120;
    double *a = malloc(sizeof(double) * n * n);
    double *b = malloc(sizeof(double) * n);
    double *x = malloc(sizeof(double) * n);
    double *y = malloc(sizeof(double) * n);
    double change = 1.0, residual = 0.0;
    int turns = 0;
    if (n < 1 || !a || !b || !x || !y)
        return 1;

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            a[i * n + j] = i == j ? 2.0 * n : 1.0 / (1 + abs(i - j));
        b[i] = 1.0 + i % 7;
        x[i] = 0.0;
    }

    while (change > 1e-12 && turns < 500) {
        change = 0.0;
        for (int i = 0; i < n; i++) {
            double sum = b[i];
            for (int j = 0; j < n; j++)
                if (j != i)
                    sum -= a[i * n + j] * x[j];
            y[i] = sum / a[i * n + i];
        }
        for (int i = 0; i < n; i++) {
            double moved = fabs(y[i] - x[i]);
            if (moved > change)
                change = moved;
        }
        for (int i = 0; i < n; i++)
            x[i] = y[i];
        turns++;
    }

    for (int i = 0; i < n; i++) {
        double r = b[i];
        for (int j = 0; j < n; j++)
            r -= a[i * n + j] * x[j];
        residual += r * r;
    }
    printf("%d turns, residual below 1e-9: %d\n", turns, sqrt(residual) < 1e-9);
    for (int i = 0; i < n; i += n / 5 + 1)
        printf("x[%d] = %.10f\n", i, x[i]);
    free(a);
    free(b);
    free(x);
    free(y);
    return 0;
}
