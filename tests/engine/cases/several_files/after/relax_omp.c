#include "grid.h"

int steps;
static double scale = 0.125;

double weight(int i) { return scale * (i % 17) + steps; }

void relax(double *next, const double *now, int n) {
    int i;

    #pragma omp parallel for default(none) shared(n, next, now)
    for (i = 1; i < n - 1; i++)
        next[i] = half(now[i - 1] + now[i + 1]);
}
