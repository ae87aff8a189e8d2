#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#define N 500

static double table[N][4];

static double wave(double x, double y) { return sin(x) * y; }

static void axpy(int n, double a, const double *restrict x, double *restrict y) {
  for (int i = 0; i < n; i++)
    y[i] += a * x[i];
}

int main(void) {
  int n = 1000, last = 0;
  double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof(double));
  for (int i = 0; i < n; i++)
    x[i] = i * 0.5;
  for (int i = 0; i < n; i++)
    y[i] = wave(x[i], 2.0);
  axpy(n, 0.5, x, y);
  double s = 0;
  for (int i = 1; i < n - 1; i++)
    s += y[i - 1] - y[i + 1];
  for (int i = 0; i < N; i++) {
    last = i;
    for (int j = 0; j < 4; j++)
      table[i][j] = i * x[j];
  }
  printf("%.6f %.6f %d\n", s, table[N - 1][3], last);
  free(x);
  free(y);
  return 0;
}
