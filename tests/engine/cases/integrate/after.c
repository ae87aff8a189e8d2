/* Computes pi as the area under 4 / (1 + x*x) between 0 and 1.
 *
 * Usage: integrate [intervals]
 */
#include <stdio.h>
#include <stdlib.h>

static double height(double x)
{
    return 4.0 / (1.0 + x * x);
}

int main(int argc, char **argv)
{
    long intervals = argc > 1 ? atol(argv[1]) : 20000000;
    double width = 1.0 / intervals;
    double area = 0.0;
    double x;
    long i;

    #pragma omp parallel for default(none) shared(intervals, width) \
        private(x) reduction(+: area)
    for (i = 0; i < intervals; i++) {
        x = (i + 0.5) * width;
        area += height(x) * width;
    }

    printf("intervals: %ld\n", intervals);
    printf("pi is about %.9f\n", area);
    return 0;
}
