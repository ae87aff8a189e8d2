/* Rain on a slope: water runs along each row, and the outlets fill a lake.
 *
 * Both of the larger loops must be rewritten before they can run in parallel.
 *
 * Usage: rain [rows, at most 1000]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 1000

static double water[MOST][MOST], out[MOST], lake[MOST];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : MOST;

    if (n < 2 || n > MOST) {
        fprintf(stderr, "usage: rain [rows, 2 to %d]\n", MOST);
        return 1;
    }

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            water[i][j] = 1.0 + 0.5 * sin(0.01 * i * j);

    /* each point passes most of its water on to the next one in its row */
    for (int j = 1; j < n; j++)
        for (int i = 0; i < n; i++)
            water[i][j] += 0.9 * water[i][j - 1];

    /* what is lost on the way to the lake, and how the lake fills */
    lake[0] = 0.0;
    for (int i = 1; i < n; i++) {
        out[i] = water[i][n - 1] * exp(-0.001 * i) / sqrt(i);
        lake[i] = lake[i - 1] + out[i];
    }

    printf("rain: %d rows\n", n);
    printf("lake: %.6f half way, %.6f in all\n", lake[n / 2], lake[n - 1]);
    return 0;
}
