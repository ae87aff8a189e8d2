/* The area below a curve, by three rules.
 *
 * Usage: quadrature [intervals]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double f(double x)
{
    return exp(-x * x) * cos(3.0 * x);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100000;
    double a = -2.0, b = 3.0, h, x;
    double middle = 0.0, trapezium, simpson;
    int i;
    if (n < 2 || n % 2)
        return 1;
    h = (b - a) / n;

    for (i = 0; i < n; i++) {
        x = a + (i + 0.5) * h;
        middle += f(x);
    }
    middle *= h;

    /* x walks along: no other iteration than the next one knows where it is */
    trapezium = 0.5 * (f(a) + f(b));
    x = a;
    for (i = 1; i < n; i++) {
        x += h;
        trapezium += f(x);
    }
    trapezium *= h;

    simpson = f(a) + f(b);
    for (i = 1; i < n; i += 2)
        simpson += 4.0 * f(a + i * h);
    for (i = 2; i < n; i += 2)
        simpson += 2.0 * f(a + i * h);
    simpson *= h / 3.0;

    printf("middle %.8f trapezium %.8f simpson %.8f\n", middle, trapezium, simpson);
    return 0;
}
