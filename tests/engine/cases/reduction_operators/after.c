/* Every operator of the first IPT, two variables at once among them. */
#include <stdio.h>
#define N 4000

static double value[N];

int main(void) {
  double low = 1e9, high = -1e9, product = 1.0, sum = 0.0;
  long count = 0, left = 100000;

  #pragma omp parallel for default(none) shared(value)
  for (int i = 0; i < N; i++)
    value[i] = (i * 37 % 1001) * 0.001 - 0.25;
  #pragma omp parallel for default(none) shared(value) \
      reduction(+: sum, count)
  for (int i = 0; i < N; i++) {
    sum += value[i];
    count++;
  }
  #pragma omp parallel for default(none) reduction(+: left)
  for (int i = 0; i < N; i++)
    left -= i % 7;
  #pragma omp parallel for default(none) shared(value) reduction(*: product)
  for (int i = 0; i < N; i++)
    product *= 1.0 + value[i] * 0.001;
  #pragma omp parallel for default(none) shared(value) reduction(min: low) \
      reduction(max: high)
  for (int i = 0; i < N; i++) {
    low = value[i] < low ? value[i] : low;
    if (value[i] > high)
      high = value[i];
  }
  printf("%.9f %ld %ld\n", sum, count, left);
  printf("%.9f %.6f %.6f\n", product, low, high);
  return 0;
}
