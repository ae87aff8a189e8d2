/* Product of two matrices that are arrays of row pointers.
 *
 * Usage: matmul_rows [rows]
 */
#include <stdio.h>
#include <stdlib.h>

static double **new_matrix(int n)
{
    double **m = malloc(n * sizeof *m);
    for (int i = 0; i < n; i++)
        m[i] = malloc(n * sizeof **m);
    return m;
}

static void free_matrix(double **m, int n)
{
    for (int i = 0; i < n; i++)
        free(m[i]);
    free(m);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100;
    if (n < 1)
        return 1;
    double **a = new_matrix(n), **b = new_matrix(n), **c = new_matrix(n);

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i][j] = i - j;
            b[i][j] = (i * 3 + j) % 5;
        }

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0.0;
            for (int k = 0; k < n; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }

    double checksum = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            checksum += c[i][j] * ((i + j) % 3);
    printf("checksum %.3f\n", checksum);
    free_matrix(a, n);
    free_matrix(b, n);
    free_matrix(c, n);
    return 0;
}
