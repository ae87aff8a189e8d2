/* Primes up to a limit: the sieve of Eratosthenes.
 *
 * Usage: sieve [limit]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int limit = argc > 1 ? atoi(argv[1]) : 300000;
    if (limit < 2)
        return 1;
    char *composite = malloc(limit + 1);
    int count = 0, last = 0;

    for (int i = 0; i <= limit; i++)
        composite[i] = 0;

    for (int p = 2; (long)p * p <= limit; p++) {
        if (composite[p])
            continue;
        for (int m = p * p; m <= limit - p; m += p)
            composite[m] = 1;
        composite[limit - limit % p] = 1;
    }

    for (int i = 2; i <= limit; i++)
        count += !composite[i];
    for (int i = 2; i <= limit; i++)
        if (!composite[i])
            last = i;
    printf("%d primes up to %d, the last is %d\n", count, limit, last);
    free(composite);
    return 0;
}
