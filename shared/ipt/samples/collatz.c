/* Halve it if it is even, else three times it and one more: how long until 1?
 *
 * Usage: collatz [numbers]
 */
#include <stdio.h>
#include <stdlib.h>

#define LONGEST 1000

static int steps_from(long n)
{
    int steps = 0;
    while (n != 1 && steps < LONGEST - 1) {
        n = n % 2 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 200000;
    int first[LONGEST] = {0};
    int kinds = 0;

    /* which numbers of steps occur, and how many different ones there are */
    for (int i = 1; i < n; i++) {
        int steps = steps_from(i);
        if (first[steps] == 0) {
            first[steps] = 1;
            kinds++;
        }
    }
    printf("collatz: up to %d there are %d different lengths\n", n, kinds);

    for (int part = 1; part <= 8; part++) {
        long sum = 0;
        for (int i = 1; i <= n / 8; i++)
            sum += steps_from((long)part * i);
        printf("part %d: %.4f steps\n", part, 8.0 * sum / n);
    }
    return 0;
}
