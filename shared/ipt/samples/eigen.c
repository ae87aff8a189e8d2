/* The largest eigenvalue of a matrix, by the power method; its functions are in
 * matrix.c.
 *
 * Usage: eigen [rows] [rounds]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void multiply(int n, const double *a, const double *x, double *y);
double length(int n, const double *x);

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 600;
    int rounds = argc > 2 ? atoi(argv[2]) : 50;

    if (n < 1 || rounds < 1) {
        fprintf(stderr, "usage: eigen [rows, at least 1] [rounds, at least 1]\n");
        return 1;
    }

    double *a = malloc((size_t)n * n * sizeof(double));
    double *x = malloc(n * sizeof(double));
    double *y = malloc(n * sizeof(double));
    double value = 0.0;
    if (a == NULL || x == NULL || y == NULL) {
        fprintf(stderr, "eigen: not enough memory\n");
        return 1;
    }

    for (int i = 0; i < n; i++) {
        x[i] = 1.0;
        for (int j = 0; j < n; j++)
            a[i * n + j] = 1.0 / (1.0 + i + j);
    }
    for (int round = 0; round < rounds; round++) {
        multiply(n, a, x, y);
        value = length(n, y);
        for (int i = 0; i < n; i++)
            x[i] = y[i] / value;
    }

    printf("eigen: %d x %d, the largest eigenvalue is %.9f\n", n, n, value);
    free(a);
    free(x);
    free(y);
    return 0;
}
