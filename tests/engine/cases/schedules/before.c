/* A loop for each schedule. */
#include <stdio.h>
#define N 1500

static double a[N], b[N], c[N], d[N], e[N], f[N];

int main(void) {
  for (int i = 0; i < N; i++)
    a[i] = 0.5 * i;
  for (int i = 0; i < N; i++)
    b[i] = 1.5 * i;
  for (int i = 0; i < N; i++)
    c[i] = 2.5 * i;
  for (int i = 0; i < N; i++)
    d[i] = 3.5 * i;
  for (int i = 0; i < N; i++)
    e[i] = 4.5 * i;
  for (int i = 0; i < N; i++)
    f[i] = a[i] + b[i] + c[i] + d[i] + e[i];
  printf("%.2f %.2f\n", f[3], f[N - 1]);
  return 0;
}
