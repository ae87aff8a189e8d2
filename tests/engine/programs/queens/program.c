/* In how many ways can queens stand on a board without threatening each other?
 *
 * Usage: queens [columns]
 */
#include <stdio.h>
#include <stdlib.h>

static long place(int n, unsigned columns, unsigned left, unsigned right)
{
    unsigned all = (1u << n) - 1;
    unsigned open = all & ~(columns | left | right);
    long ways = 0;
    if (columns == all)
        return 1;
    while (open) {
        unsigned bit = open & -open;
        open ^= bit;
        ways += place(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return ways;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 9;
    long ways = 0;
    if (n < 1 || n > 16)
        return 1;
    for (int first = 0; first < n; first++) {
        unsigned bit = 1u << first;
        ways += place(n, bit, bit << 1, bit >> 1);
    }
    printf("%d queens: %ld ways\n", n, ways);
    return 0;
}
