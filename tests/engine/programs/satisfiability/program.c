/* Which inputs make a circuit true?  All of them are tried.
 *
 * Usage: satisfiability [inputs, at most 24]
 */
#include <stdio.h>
#include <stdlib.h>

#define MOST 24

static int circuit(const int *v, int n)
{
    int value = (v[0] || v[1]) && (!v[1] || !v[3]) && (v[2] || v[3]) && (!v[3] || !v[4])
        && (v[4] || !v[5]) && (v[5] || !v[6]) && (v[5] || v[6]) && (v[6] || !v[9]);
    for (int k = 10; k < n; k++)
        value = value && (v[k - 1] || !v[k] || v[k - 7]);
    return value;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 14;
    long solutions = 0, first = -1;
    int bits[MOST], j;
    if (n < 10 || n > MOST)
        return 1;

    for (long i = 0; i < 1L << n; i++) {
        for (j = 0; j < n; j++)
            bits[j] = (i >> j) & 1;
        if (circuit(bits, n))
            solutions++;
    }

    for (long i = 0; i < 1L << n; i++) {
        for (j = 0; j < n; j++)
            bits[j] = (i >> j) & 1;
        if (circuit(bits, n)) {
            first = i;
            break;
        }
    }
    printf("%ld solutions, the first is %ld\n", solutions, first);
    return 0;
}
