/* A loop for a device, with a function that it calls. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double wave(double x, double y) {
  return sin(x) * y;
}

static double run(int n, double factor) {
  double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), sum = 0;
  for (int i = 0; i < n; i++)
    x[i] = 0.5 * i;
  for (int i = 0; i < n; i++)
    y[i] = wave(x[i], factor);
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
