/* A loop for a device, with a function that it calls. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#pragma omp declare target
static double wave(double x, double y) {
  return sin(x) * y;
}
#pragma omp end declare target

static double run(int n, double factor) {
  double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), sum = 0;
  #pragma omp target teams distribute parallel for default(none) shared(n, x) \
      map(from: x[0:n])
  for (int i = 0; i < n; i++)
    x[i] = 0.5 * i;
  #pragma omp target teams distribute parallel for default(none) \
      shared(n, y, x, factor) map(to: x[0:n]) map(from: y[0:n])
  for (int i = 0; i < n; i++)
    y[i] = wave(x[i], factor);
  #pragma omp target teams distribute parallel for default(none) shared(n, y) \
      reduction(+: sum) map(to: y[0:n]) map(tofrom: sum)
  for (int i = 0; i < n; i++)
    sum += y[i];
  free(x);
  free(y);
  return sum;
}

int main(void) {
  printf("%.6f\n", run(5000, 2.0));
  return 0;
}
