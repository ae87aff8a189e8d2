#include <stdio.h>
#include <stdlib.h>

static double a[5000];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 5000;

    for (int i = 0; i < n; i++)
        a[i] = 3.0 + i % 11;

    /* all are measured by the first one */
    for (int i = 0; i < n; i++)
        a[i] = a[i] / a[0];

    printf("%.12f %.12f %.12f\n", a[0], a[1], a[n - 1]);
    return 0;
}
