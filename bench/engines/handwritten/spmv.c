/* Conjugate gradients with a sparse matrix in compressed rows.
 *
 * Usage: spmv [unknowns] [turns]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void multiply(int n, const int *start, const int *column, const double *value,
                     const double *x, double *y)
{
    #pragma omp parallel for
    for (int row = 0; row < n; row++) {
        double sum = 0.0;
        for (int k = start[row]; k < start[row + 1]; k++)
            sum += value[k] * x[column[k]];
        y[row] = sum;
    }
}

static double dot(int n, const double *a, const double *b)
{
    double sum = 0.0;
    #pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 2000;
    int turns = argc > 2 ? atoi(argv[2]) : 25;
    int filled = 0;
    if (n < 4)
        return 1;
    int *start = malloc((n + 1) * sizeof *start);
    int *column = malloc(5 * (size_t)n * sizeof *column);
    double *value = malloc(5 * (size_t)n * sizeof *value);
    double *x = malloc(n * sizeof *x), *r = malloc(n * sizeof *r);
    double *p = malloc(n * sizeof *p), *q = malloc(n * sizeof *q);

    start[0] = 0;
    for (int row = 0; row < n; row++) {
        for (int d = -2; d <= 2; d++)
            if (row + d >= 0 && row + d < n) {
                column[filled] = row + d;
                value[filled] = d == 0 ? 5.0 : -1.0;
                filled++;
            }
        start[row + 1] = filled;
    }

    #pragma omp parallel for
    for (int i = 0; i < n; i++) {
        x[i] = 0.0;
        r[i] = 1.0 + i % 3;
        p[i] = r[i];
    }

    double rr = dot(n, r, r);
    for (int turn = 0; turn < turns; turn++) {
        multiply(n, start, column, value, p, q);
        double alpha = rr / dot(n, p, q);
        #pragma omp parallel for
        for (int i = 0; i < n; i++) {
            x[i] += alpha * p[i];
            r[i] -= alpha * q[i];
        }
        double next = dot(n, r, r);
        double beta = next / rr;
        rr = next;
        #pragma omp parallel for
        for (int i = 0; i < n; i++)
            p[i] = r[i] + beta * p[i];
    }
    printf("small residual: %d\n", sqrt(rr) < 1e-3);
    for (int i = 0; i < 4; i++)
        printf("x[%d] = %.8f\n", i * n / 4, x[i * n / 4]);
    free(start);
    free(column);
    free(value);
    free(x);
    free(r);
    free(p);
    free(q);
    return 0;
}
