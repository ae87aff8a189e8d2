/* Insertion sort, and ranks that each element can count for itself.
 *
 * Usage: insertion [numbers]
 */
#include <stdio.h>
#include <stdlib.h>

static void insertion_sort(int *v, int n)
{
    for (int i = 1; i < n; i++) {
        int key = v[i], j = i - 1;
        while (j >= 0 && v[j] > key) {
            v[j + 1] = v[j];
            j--;
        }
        v[j + 1] = key;
    }
}

static void rank_sort(const int *v, int *sorted, int n)
{
    for (int i = 0; i < n; i++) {
        int rank = 0;
        for (int j = 0; j < n; j++)
            if (v[j] < v[i] || (v[j] == v[i] && j < i))
                rank++;
        sorted[rank] = v[i];
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 2000;
    int *a = malloc(n * sizeof(int)), *b = malloc(n * sizeof(int));
    int wrong = 0;
    if (n < 1 || !a || !b)
        return 1;
    for (int i = 0; i < n; i++)
        a[i] = (int)((i * 2654435761u) % 100003);
    rank_sort(a, b, n);
    insertion_sort(a, n);
    for (int i = 0; i < n; i++)
        if (a[i] != b[i])
            wrong++;
    printf("smallest %d largest %d wrong %d\n", a[0], a[n - 1], wrong);
    free(a);
    free(b);
    return 0;
}
