/* The loops here call functions of the other file. */
#include <stdio.h>

#include "grid.h"

double grid[SIZE];
static double next[SIZE];

int main(void) {
    int i;
    double sum = 0.0;

    #pragma omp parallel for default(none) shared(grid)
    for (i = 0; i < SIZE; i++)
        grid[i] = weight(i);
    for (int step = 0; step < 4; step++) {
        relax(next, grid, SIZE);
        relax(grid, next, SIZE);
        steps += 2;
    }
    #pragma omp parallel for default(none) shared(grid) reduction(+: sum)
    for (i = 0; i < SIZE; i++)
        sum += half(grid[i]);
    printf("%.9f %d\n", sum, steps);
    return 0;
}
