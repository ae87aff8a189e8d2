/* Extremes, counts and flags: all in one loop. */
#include <math.h>
#include <stdio.h>
#define N 20000

static double value[N];

int main(void) {
  #pragma omp parallel for default(none) shared(value)
  for (int i = 0; i < N; i++)
    value[i] = sin(0.37 * i) * i;

  double low = value[0], high = value[0], size = 0.0;
  int above = 0, finite = 1, bits = 0;
  #pragma omp parallel for default(none) shared(value) reduction(min: low) \
      reduction(max: high, size) reduction(+: above) reduction(&&: finite) \
      reduction(|: bits)
  for (int i = 0; i < N; i++) {
    if (value[i] < low)
      low = value[i];
    high = value[i] > high ? value[i] : high;
    size = fmax(size, fabs(value[i]));
    if (value[i] > 100.0)
      above++;
    finite = finite && isfinite(value[i]);
    bits |= i;
  }
  printf("%.6f %.6f %.6f %d %d %d\n", low, high, size, above, finite, bits);
  return 0;
}
