/* Where something is first, and whether it is there at all.
 *
 * Usage: search [numbers]
 */
#include <stdio.h>
#include <stdlib.h>

static int position(const int *v, int n, int wanted)
{
    for (int i = 0; i < n; i++)
        if (v[i] == wanted)
            return i;
    return -1;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100000;
    int *v = malloc(n * sizeof(int));
    int first_negative = -1, present = 0, times = 0;
    if (n < 1 || v == NULL)
        return 1;

    for (int i = 0; i < n; i++)
        v[i] = (int)((i * 7919L + 17) % n) - 5;

    for (int i = 0; i < n; i++)
        if (v[i] < 0) {
            first_negative = i;
            break;
        }

    for (int i = 0; i < n; i++)
        if (v[i] == n / 2)
            present = 1;

    for (int i = 0; i < n; i++)
        times += v[i] % 10 == 3;

    printf("position of 42: %d\n", position(v, n, 42));
    printf("first negative at %d, n/2 present: %d, threes: %d\n", first_negative,
           present, times);
    free(v);
    return 0;
}
