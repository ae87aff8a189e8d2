/*
 * How many primes are there up to a limit?  Found by trial division.
 *
 * Usage: primes [LIMIT]
 */
#include <stdio.h>
#include <stdlib.h>

static int is_prime(int number)
{
    if (number < 2) {
        return 0;
    }
    for (int divisor = 2; divisor <= number / divisor; divisor++) {
        if (number % divisor == 0) {
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    int limit = argc > 1 ? atoi(argv[1]) : 300000;
    int count = 0;

    for (int number = 2; number <= limit; number++) {
        if (is_prime(number)) {
            count++;
        }
    }

    printf("%d primes up to %d\n", count, limit);
    return 0;
}
