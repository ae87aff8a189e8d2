/* Every operator of the first IPT, two variables at once among them. */
#include <stdio.h>
#define N 4000

static double value[N];

int main(void) {
  double low = 1e9, high = -1e9, product = 1.0, sum = 0.0;
  long count = 0, left = 100000;

  for (int i = 0; i < N; i++)
    value[i] = (i * 37 % 1001) * 0.001 - 0.25;
  for (int i = 0; i < N; i++) {
    sum += value[i];
    count++;
  }
  for (int i = 0; i < N; i++)
    left -= i % 7;
  for (int i = 0; i < N; i++)
    product *= 1.0 + value[i] * 0.001;
  for (int i = 0; i < N; i++) {
    low = value[i] < low ? value[i] : low;
    if (value[i] > high)
      high = value[i];
  }
  printf("%.9f %ld %ld\n", sum, count, left);
  printf("%.9f %.6f %.6f\n", product, low, high);
  return 0;
}
