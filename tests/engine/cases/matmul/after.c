/* The product of two square matrices.
 *
 * Usage: matmul [rows]
 */
#include <stdio.h>
#include <stdlib.h>

static void fill(int n, double *a, double scale)
{
    #pragma omp parallel for default(none) shared(n, a, scale)
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = scale * (i - j) / n;
}

static void multiply(int n, const double *a, const double *b, double *c)
{
    #pragma omp parallel for default(none) shared(n, a, b, c)
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            double sum = 0.0;
            for (int k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 300;

    if (n < 1) {
        fprintf(stderr, "usage: matmul [rows, at least 1]\n");
        return 1;
    }

    double *a = malloc((size_t)n * n * sizeof(double));
    double *b = malloc((size_t)n * n * sizeof(double));
    double *c = malloc((size_t)n * n * sizeof(double));
    if (a == NULL || b == NULL || c == NULL) {
        fprintf(stderr, "matmul: not enough memory\n");
        return 1;
    }

    fill(n, a, 1.0);
    fill(n, b, 0.5);
    multiply(n, a, b, c);

    printf("matmul: %d x %d\n", n, n);
    printf("first element: %.6f\n", c[0]);
    printf("last element:  %.6f\n", c[n * n - 1]);

    free(a);
    free(b);
    free(c);
    return 0;
}
