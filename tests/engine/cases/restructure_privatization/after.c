#include <stdio.h>
#include <stdlib.h>

static double out[3000];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 3000;
    static double part[4];      /* not on the stack */

    #pragma omp parallel for default(none) shared(n, out)
    for (int i = 0; i < n; i++) {
        double part[4];
        double scale;
        for (int k = 0; k < 4; k++)
            part[k] = (i + k) * 0.25;
        scale = part[0] + part[3];
        out[i] = scale * (part[1] - part[2]);
    }
    printf("%.12f %.12f\n", out[0], out[n - 1]);
    return 0;
}
