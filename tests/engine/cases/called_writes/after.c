/* What a called function writes counts: one call meets nothing, the other one does. */
#include <stdio.h>
#define N 3000

static double filled[N], smoothed[N];

static void put(double *target, int at, double value) {
  target[at] = value;
}

static void spread(double *target, int at) {
  target[at + 1] += 0.5 * target[at];
}

int main(void) {
  #pragma omp parallel for default(none) shared(filled)
  for (int i = 0; i < N; i++)
    put(filled, i, 0.25 * i);
  #pragma omp parallel for default(none) shared(smoothed)
  for (int i = 0; i < N; i++)
    put(smoothed, i, 1.0);
  for (int i = 0; i < N - 1; i++)
    spread(smoothed, i);
  printf("%.4f %.4f\n", filled[17], smoothed[N - 1]);
  return 0;
}
