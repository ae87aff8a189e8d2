/* Product of two matrices of fixed size, and its trace. */
#include <stdio.h>

#ifndef N
#define N 120
#endif

double a[N][N], b[N][N], c[N][N];

int main(void)
{
    int i, j, k;
    double trace = 0;

    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            a[i][j] = (i + j) % 10 / 10.0;
            b[i][j] = (i * j) % 7 - 3;
        }

    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            c[i][j] = 0;
            for (k = 0; k < N; k++)
                c[i][j] += a[i][k] * b[k][j];
        }

    for (i = 0; i < N; i++)
        trace += c[i][i];
    printf("trace %.6f, corner %.6f\n", trace, c[N - 1][N - 1]);
    return 0;
}
