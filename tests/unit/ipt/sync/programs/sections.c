/* Pieces of work that need nothing of each other. */
#include <stdio.h>
#include <math.h>
#define N 2000
static double a[N], b[N];
static double total(const double *x, int n) { double s = 0; for (int i = 0; i < n; i++) s = s * 0.5 + x[i]; return s; }
static void fill(double *x, int n, double f) { x[0] = 1; for (int i = 1; i < n; i++) x[i] = sin(x[i-1]*f) + f; }
int main(void) {
  double s, t;
  int i;
  fill(a, N, 1.5);
  fill(b, N, 2.5);

  s = total(a, N);
  t = total(b, N); /* other */
  printf("%.9f %.9f\n", s, t);
  for (i = 1; i < N; i++) a[i] += 0.3 * a[i-1];
  for (i = 1; i < N; i++) b[i] += 0.7 * b[i-1];
  printf("%.9f %.9f\n", a[N-1], b[N-1]);
  return 0;
}
