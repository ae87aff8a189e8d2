/* Counts the prime numbers up to a limit, by trial division.
 *
 * The larger a number, the longer it takes: the iterations have uneven work.
 *
 * Usage: primes [limit]
 */
#include <stdio.h>
#include <stdlib.h>

static int is_prime(int number)
{
    for (int divisor = 2; divisor * divisor <= number; divisor++) {
        if (number % divisor == 0)
            return 0;
    }
    return number > 1;
}

int main(int argc, char **argv)
{
    int limit = argc > 1 ? atoi(argv[1]) : 500000;
    int count = 0;
    int largest = 0;

    for (int number = 2; number <= limit; number++) {
        if (is_prime(number)) {
            count++;
            largest = number > largest ? number : largest;
        }
    }

    printf("primes up to %d: %d\n", limit, count);
    printf("the largest one: %d\n", largest);
    return 0;
}
