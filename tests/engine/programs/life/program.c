/* Conway's game of life on a torus.
 *
 * Usage: life [cells per side] [generations]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int neighbours(const char *world, int n, int r, int c)
{
    int sum = 0;
    for (int dr = -1; dr <= 1; dr++)
        for (int dc = -1; dc <= 1; dc++)
            if (dr != 0 || dc != 0)
                sum += world[(r + dr + n) % n * n + (c + dc + n) % n];
    return sum;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 64;
    int generations = argc > 2 ? atoi(argv[2]) : 40;
    char *now = malloc((size_t)n * n), *next = malloc((size_t)n * n);
    if (n < 3 || !now || !next)
        return 1;

    for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++)
            now[r * n + c] = (r * 7 + c * 13) % 5 == 0;

    for (int g = 0; g < generations; g++) {
        for (int r = 0; r < n; r++)
            for (int c = 0; c < n; c++) {
                int alive = neighbours(now, n, r, c);
                next[r * n + c] = alive == 3 || (alive == 2 && now[r * n + c]);
            }
        memcpy(now, next, (size_t)n * n);
    }

    int population = 0;
    for (int i = 0; i < n * n; i++)
        population += now[i];
    printf("population %d\n", population);
    free(now);
    free(next);
    return 0;
}
