/* Running totals: in one pass, and in blocks as it is done in parallel.
 *
 * Usage: prefix [numbers]
 */
#include <stdio.h>
#include <stdlib.h>

#define BLOCKS 16

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 200000;
    if (n < BLOCKS)
        return 1;
    int size = n / BLOCKS;
    n = size * BLOCKS;
    long *v = malloc(n * sizeof *v);
    long *total = malloc(n * sizeof *total);
    long *again = malloc(n * sizeof *again);
    long offset[BLOCKS];
    int differ = 0;

    for (int i = 0; i < n; i++)
        v[i] = i % 13 - 5;

    total[0] = v[0];
    for (int i = 1; i < n; i++)
        total[i] = total[i - 1] + v[i];

    /* each block for itself, then the blocks' offsets, then these are added */
    for (int b = 0; b < BLOCKS; b++) {
        long sum = 0;
        for (int i = 0; i < size; i++) {
            sum += v[b * size + i];
            again[b * size + i] = sum;
        }
    }
    offset[0] = 0;
    for (int b = 1; b < BLOCKS; b++)
        offset[b] = offset[b - 1] + again[b * size - 1];
    for (int b = 1; b < BLOCKS; b++)
        for (int i = 0; i < size; i++)
            again[b * size + i] += offset[b];

    for (int i = 0; i < n; i++)
        differ += total[i] != again[i];
    printf("last total %ld, differences %d\n", total[n - 1], differ);
    free(v);
    free(total);
    free(again);
    return 0;
}
