#include <stdio.h>
#include <stdlib.h>

static double a[5000], step[5000];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 5000;

    for (int i = 0; i < n; i++)
        a[i] = (i * 31) % 17;

    double before = a[n - 1];
    for (int i = 0; i < n; i++) {
        step[i] = a[i] - before;
        before = a[i];
    }

    printf("%g %g %g\n", step[0], step[1], step[n - 1]);
    return 0;
}
