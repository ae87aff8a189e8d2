/* Pi by darts: with rand, and with a generator that each dart computes for itself.
 *
 * Usage: montecarlo [darts]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static double hashed(uint64_t dart, uint64_t salt)
{
    uint64_t z = dart * 2 + salt + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(z >> 11) / 9007199254740992.0;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 200000;
    long hits = 0, hashed_hits = 0;

    srand(1);
    for (long i = 0; i < n; i++) {
        double x = rand() / (RAND_MAX + 1.0);
        double y = rand() / (RAND_MAX + 1.0);
        if (x * x + y * y < 1.0)
            hits++;
    }

    for (long i = 0; i < n; i++) {
        double x = hashed(i, 0), y = hashed(i, 1);
        if (x * x + y * y < 1.0)
            hashed_hits++;
    }

    printf("rand:   %ld of %ld, pi is about %.4f\n", hits, n, 4.0 * hits / n);
    printf("hashed: %ld of %ld, pi is about %.4f\n", hashed_hits, n,
           4.0 * hashed_hits / n);
    return 0;
}
