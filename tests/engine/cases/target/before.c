/* Loops for a device: what goes there, what comes back, and called functions. */
#include <stdio.h>
#define N 2000

static double in[N], out[N], both[N];

static double wave(double x) {
  return x * (1.0 - x);
}

static void scale(int n, double factor, double *x) {
  for (int i = 0; i < n; i++)
    x[i] *= factor;
}

int main(void) {
  for (int i = 0; i < N; i++) {
    in[i] = i * 0.001;
    both[i] = 1.0;
  }
  for (int i = 0; i < N; i++) {
    out[i] = wave(in[i]);
    both[i] += out[i];
  }
  scale(N, 0.5, both);
  printf("%.6f %.6f\n", out[500], both[N - 1]);
  return 0;
}
