/* Loops that have nothing to do with each other, then one that needs both. */
#include <stdio.h>
#define N 5000
static double a[N], b[N], c[N];

static double total(int n) {
  double sum = 0;
  int i;
  for (i = 0; i < n; i++)
    a[i] = i * 0.5;
  for (i = 0; i < n; i++)
    b[i] = n - i;
  for (i = 0; i < n; i++)
    c[i] = a[i] + b[n - 1 - i];
  for (i = 0; i < n; i++)
    sum += c[i];
  return sum;
}

int main(void) {
  printf("%.3f\n", total(N));
  return 0;
}
