/*
 * Pi as the area below 4 / (1 + x * x) between 0 and 1, by the midpoint rule.
 *
 * Usage: integrate [STRIPS]
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    long strips = argc > 1 ? atol(argv[1]) : 20000000;
    if (strips < 1) {
        fprintf(stderr, "integrate: give at least one strip\n");
        return 1;
    }

    double width = 1.0 / strips;
    double area = 0.0;
    for (long i = 0; i < strips; i++) {
        double x = (i + 0.5) * width;
        area += 4.0 / (1.0 + x * x);
    }
    area *= width;

    printf("strips %ld\n", strips);
    printf("pi     %.10f\n", area);
    return 0;
}
