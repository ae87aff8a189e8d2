#include <stdio.h>
#include <stdlib.h>

static double a[5000], step[5000];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 5000;

    #pragma omp parallel for default(none) shared(n, a)
    for (int i = 0; i < n; i++)
        a[i] = (i * 31) % 17;

    double before = a[n - 1];
    if (0 < n) {
        {
            int i = 0;
            step[i] = a[i] - before;
            before = a[i];
        }
        #pragma omp parallel for default(none) shared(n, a, step) \
            private(before)
        for (int i = 1; i < n; i++) {
            before = a[i - 1];
            step[i] = a[i] - before;
            before = a[i];
        }
    }

    printf("%g %g %g\n", step[0], step[1], step[n - 1]);
    return 0;
}
