#include <math.h>
#include <stdio.h>

#define N 4000

static double a[N], level[N];

int main(void)
{
    level[0] = 1.0;
    #pragma omp parallel for default(none) shared(a)
    for (int i = 1; i < N; i++) {
        double x = i * 0.001;    /* position */
        a[i] = sin(x) * sin(x) + sqrt(x);
    }
    for (int i = 1; i < N; i++) {
        double x = i * 0.001;

        /* what flows over goes on */
        level[i] = 0.5 * level[i - 1] + a[i];
        if (i % 500 == 0)
            printf("%.12f %.12f\n", x, level[i]);
    }
    printf("%.12f\n", level[N - 1]);
    return 0;
}
