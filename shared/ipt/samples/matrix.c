/* Functions for eigen.c: a matrix times a vector, and how long a vector is. */
#include <math.h>

void multiply(int n, const double *a, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        y[i] = 0.0;
        for (int j = 0; j < n; j++)
            y[i] += a[i * n + j] * x[j];
    }
}

double length(int n, const double *x)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}
