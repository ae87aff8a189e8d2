/* Product of two square matrices, each in one block of memory.
 *
 * Usage: matmul_flat [rows]
 */
#include <stdio.h>
#include <stdlib.h>

static double *new_matrix(int n)
{
    double *m = malloc((size_t)n * n * sizeof(double));
    if (m == NULL) {
        fprintf(stderr, "matmul_flat: not enough memory\n");
        exit(1);
    }
    return m;
}

static void multiply(const double *a, const double *b, double *c, int n)
{
    #pragma omp parallel for
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            c[i * n + j] = 0.0;
        for (int k = 0; k < n; k++) {
            double f = a[i * n + k];
            for (int j = 0; j < n; j++)
                c[i * n + j] += f * b[k * n + j];
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 120;
    if (n < 1)
        return 1;
    double *a = new_matrix(n), *b = new_matrix(n), *c = new_matrix(n);

    #pragma omp parallel for
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i * n + j] = 1.0 / (1 + i + j);
            b[i * n + j] = i == j ? 2.0 : 0.25;
        }
    multiply(a, b, c, n);

    double most = c[0];
    #pragma omp parallel for reduction(max : most)
    for (int i = 0; i < n * n; i++)
        if (c[i] > most)
            most = c[i];
    printf("largest %.10f, last %.10f\n", most, c[n * n - 1]);
    free(a);
    free(b);
    free(c);
    return 0;
}
