/* One thread at a time prints, in the order of the iterations. */
#include <stdio.h>

static double series(int terms) {
  double sum = 0.0;
  for (int k = terms; k > 0; k--)
    sum += 1.0 / k;
  return sum;
}

int main(void) {
  for (int i = 1; i <= 40; i++) {
    double value = series(100 * i);
    printf("%2d %.9f\n", i, value);
  }
  return 0;
}
