/* Fast Fourier transform (radix 2, in place) of a sum of two waves.
 *
 * Usage: fft [log2 of the points]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double PI = 3.14159265358979323846;

static void reorder(int n, double *re, double *im)
{
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double t = re[i];
            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
    }
}

static void transform(int n, double *re, double *im)
{
    for (int half = 1; half < n; half *= 2)
        for (int start = 0; start < n; start += 2 * half)
            for (int k = 0; k < half; k++) {
                double angle = -PI * k / half;
                double wr = cos(angle), wi = sin(angle);
                int p = start + k, q = start + k + half;
                double tr = wr * re[q] - wi * im[q];
                double ti = wr * im[q] + wi * re[q];
                re[q] = re[p] - tr;
                im[q] = im[p] - ti;
                re[p] += tr;
                im[p] += ti;
            }
}

int main(int argc, char **argv)
{
    int bits = argc > 1 ? atoi(argv[1]) : 12;
    int n = 1 << bits;
    if (bits < 4 || bits > 24)
        return 1;
    double *re = malloc(n * sizeof *re), *im = malloc(n * sizeof *im);
    double *power = malloc(n * sizeof *power);

    for (int i = 0; i < n; i++) {
        re[i] = sin(2 * PI * 3 * i / n) + 0.5 * cos(2 * PI * 5 * i / n);
        im[i] = 0.0;
    }
    reorder(n, re, im);
    transform(n, re, im);
    for (int i = 0; i < n; i++)
        power[i] = (re[i] * re[i] + im[i] * im[i]) / n / n;

    int best = 0;
    for (int i = 1; i < n / 2; i++)
        if (power[i] > power[best])
            best = i;
    printf("strongest wave %d with %.8f\n", best, power[best]);
    printf("second wave 5 with %.8f\n", power[5]);
    free(re);
    free(im);
    free(power);
    return 0;
}
