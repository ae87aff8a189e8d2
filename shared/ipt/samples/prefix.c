/*
 * Running totals: each is the one before it and one number more.
 *
 * The second loop can't simply be run in parallel; ask ipt why.
 *
 * Usage: prefix [COUNT]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1000000;
    if (n < 1) {
        fprintf(stderr, "prefix: give at least one number\n");
        return 1;
    }

    double *total = malloc(sizeof(double) * n);
    if (total == NULL) {
        fprintf(stderr, "prefix: not enough memory for %d numbers\n", n);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        total[i] = i % 10;
    }
    for (int i = 1; i < n; i++) {
        total[i] = total[i] + total[i - 1];
    }

    printf("total of %d numbers: %.1f\n", n, total[n - 1]);
    free(total);
    return 0;
}
