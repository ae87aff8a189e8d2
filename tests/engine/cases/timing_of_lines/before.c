/* The time of lines that the person names. */
#include <stdio.h>
#define N 3000

static double a[N];

int main(void) {
  double sum = 0.0;

  for (int i = 0; i < N; i++)
    a[i] = 0.5 * i;
  for (int i = 1; i < N; i++)
    a[i] += 0.25 * a[i - 1];
  for (int i = 0; i < N; i += 500)
    sum += a[i];
  printf("%.6f\n", sum);
  return 0;
}
