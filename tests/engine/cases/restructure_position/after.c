#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double a[6000];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 6000;

    #pragma omp parallel for default(none) shared(n, a)
    for (int i = 0; i < n; i++)
        a[i] = (i * 37) % 501 - 250;

    double pivot = 0;
    int where = -1;
    {
        const double pivot_before = pivot;
        int where_found = n;
        #pragma omp parallel for default(none) shared(n, a) \
            reduction(max: pivot)
        for (int i = 0; i < n; i++) {
            if (fabs(a[i]) > pivot) {
                pivot = fabs(a[i]);
            }
        }
        #pragma omp parallel for default(none) shared(n, a, pivot) \
            reduction(min: where_found)
        for (int i = 0; i < n; i++) {
            if (fabs(a[i]) == pivot) {
                if (i < where_found)
                    where_found = i;
            }
        }
        if (pivot > pivot_before)
            where = where_found;
    }

    double low = a[0];
    int last = 0;
    {
        int last_found = 0;
        #pragma omp parallel for default(none) shared(n, a) \
            reduction(min: low)
        for (int i = 1; i < n; i++)
            if (a[i] <= low) { low = a[i]; }
        #pragma omp parallel for default(none) shared(n, a, low) \
            reduction(max: last_found)
        for (int i = 1; i < n; i++) {
            if (a[i] == low) {
                if (i > last_found)
                    last_found = i;
            }
        }
        if (last_found >= 1)
            last = last_found;
    }

    printf("%g at %d, %g at %d\n", pivot, where, low, last);
    return 0;
}
