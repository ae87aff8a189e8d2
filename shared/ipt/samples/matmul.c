/*
 * The product of two square matrices.
 *
 * Usage: matmul [SIZE]
 */
#include <stdio.h>
#include <stdlib.h>

static void multiply(int n, double *a, double *b, double *c)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            double sum = 0.0;
            for (int k = 0; k < n; k++) {
                sum += a[i * n + k] * b[k * n + j];
            }
            c[i * n + j] = sum;
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 400;
    if (n < 1 || n > 20000) {
        fprintf(stderr, "matmul: give a size from 1 to 20000\n");
        return 1;
    }

    double *a = malloc(sizeof(double) * n * n);
    double *b = malloc(sizeof(double) * n * n);
    double *c = malloc(sizeof(double) * n * n);
    if (a == NULL || b == NULL || c == NULL) {
        fprintf(stderr, "matmul: not enough memory for size %d\n", n);
        return 1;
    }

    for (int i = 0; i < n * n; i++) {
        a[i] = (i % 7) - 3;
        b[i] = (i % 5) * 0.5;
    }
    multiply(n, a, b, c);

    double trace = 0.0;
    for (int i = 0; i < n; i++) {
        trace += c[i * n + i];
    }
    printf("size %d\n", n);
    printf("trace %.6f\n", trace);
    printf("last  %.6f\n", c[n * n - 1]);

    free(a);
    free(b);
    free(c);
    return 0;
}
