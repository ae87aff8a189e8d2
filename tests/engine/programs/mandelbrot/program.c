/* The Mandelbrot set: how long each point takes to escape.
 *
 * Usage: mandelbrot [pixels per side] [most turns]
 */
#include <complex.h>
#include <stdio.h>
#include <stdlib.h>

static int escape(double cr, double ci, int most)
{
    double zr = 0.0, zi = 0.0;
    int turn = 0;
    while (turn < most && zr * zr + zi * zi < 4.0) {
        double t = zr * zr - zi * zi + cr;
        zi = 2.0 * zr * zi + ci;
        zr = t;
        turn++;
    }
    return turn;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 120;
    int most = argc > 2 ? atoi(argv[2]) : 200;
    int *picture = malloc(sizeof(int) * n * n);
    long turns = 0;
    int inside = 0;
    if (n < 1 || picture == NULL)
        return 1;

    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++)
            picture[y * n + x] = escape(-2.0 + 2.5 * x / n, -1.25 + 2.5 * y / n, most);

    for (int i = 0; i < n * n; i++) {
        turns += picture[i];
        if (picture[i] == most)
            inside++;
    }
    printf("%d of %d points inside, %ld turns\n", inside, n * n, turns);

    for (int y = 0; y < n; y += n / 8 + 1) {
        for (int x = 0; x < n; x += n / 32 + 1)
            putchar(picture[y * n + x] == most ? '#' : '.');
        putchar('\n');
    }
    free(picture);
    return 0;
}
