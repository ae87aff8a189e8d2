/* Sorts numbers: smaller ones to the left, larger ones to the right, then both parts.
 *
 * Usage: quicksort [numbers]
 */
#include <stdio.h>
#include <stdlib.h>

static int divide(double *a, int first, int last)
{
    double middle = a[first + (last - first) / 2];
    int i = first, j = last;

    for (;;) {
        while (a[i] < middle)
            i++;
        while (middle < a[j])
            j--;
        if (i >= j)
            return j;
        double t = a[i];
        a[i++] = a[j];
        a[j--] = t;
    }
}

static void sort(double *a, int first, int last)
{
    if (first >= last)
        return;
    int end = divide(a, first, last);
    sort(a, first, end);
    sort(a, end + 1, last);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1000000;
    double *a = malloc((n > 0 ? n : 1) * sizeof(double));
    int wrong = 0;

    if (n < 1 || a == NULL) {
        fprintf(stderr, "usage: quicksort [numbers, at least 1]\n");
        return 1;
    }
    for (int i = 0; i < n; i++)
        a[i] = (i * 7919LL + 13) % 1000003 / 7.0;
    sort(a, 0, n - 1);
    for (int i = 1; i < n; i++)
        wrong += a[i - 1] > a[i];

    printf("quicksort: %d numbers, %d out of order\n", n, wrong);
    printf("smallest %.6f, largest %.6f\n", a[0], a[n - 1]);
    free(a);
    return 0;
}
