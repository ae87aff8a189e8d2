/* Two calls that need nothing of each other. */
#include <stdio.h>
#define N 3000

static double a[N], b[N];

static void fill(double *x, double factor) {
  x[0] = 1.0;
  for (int i = 1; i < N; i++)
    x[i] = 0.5 * x[i - 1] + factor;
}

int main(void) {
  #pragma omp parallel sections default(none) shared(a, b)
  {
  #pragma omp section
  fill(a, 1.5);
  #pragma omp section
  fill(b, 2.5);
  }
  printf("%.6f %.6f\n", a[N - 1], b[N - 1]);
  return 0;
}
