/* How often each grey value occurs in a picture, and the mean and spread.
 *
 * Usage: histogram [pixels per side]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LEVELS 256

int main(int argc, char **argv)
{
    int side = argc > 1 ? atoi(argv[1]) : 400;
    int n = side * side;
    unsigned char *picture = malloc(n);
    int count[LEVELS];
    double mean = 0.0, spread = 0.0;
    int most = 0;
    if (side < 1 || picture == NULL)
        return 1;

    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            picture[y * side + x] =
                (unsigned char)(127.5 + 127.0 * sin(0.05 * x) * cos(0.03 * y));

    for (int v = 0; v < LEVELS; v++)
        count[v] = 0;
    for (int i = 0; i < n; i++)
        count[picture[i]]++;

    for (int v = 0; v < LEVELS; v++) {
        mean += (double)v * count[v] / n;
        if (count[v] > most)
            most = count[v];
    }
    for (int i = 0; i < n; i++) {
        double d = picture[i] - mean;
        spread += d * d;
    }
    printf("mean %.6f spread %.6f most %d\n", mean, sqrt(spread / n), most);
    free(picture);
    return 0;
}
