/* Running totals of a series.
 *
 * Every total needs the one before: this loop cannot run in parallel, and ipt
 * says why.
 *
 * Usage: prefix [values]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1000000;
    double *total = malloc((n > 0 ? n : 1) * sizeof(double));

    if (n < 1 || total == NULL) {
        fprintf(stderr, "usage: prefix [values, at least 1]\n");
        return 1;
    }

    total[0] = 1.0;
    for (int i = 1; i < n; i++)
        total[i] = total[i - 1] + 1.0 / (i + 1);

    printf("sum of 1/k up to %d: %.9f\n", n, total[n - 1]);
    free(total);
    return 0;
}
