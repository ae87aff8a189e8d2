#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double a[6000];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 6000;

    for (int i = 0; i < n; i++)
        a[i] = (i * 37) % 501 - 250;

    double pivot = 0;
    int where = -1;
    for (int i = 0; i < n; i++) {
        if (fabs(a[i]) > pivot) {
            pivot = fabs(a[i]);
            where = i;
        }
    }

    double low = a[0];
    int last = 0;
    for (int i = 1; i < n; i++)
        if (a[i] <= low) { low = a[i]; last = i; }

    printf("%g at %d, %g at %d\n", pivot, where, low, last);
    return 0;
}
