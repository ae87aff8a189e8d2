/* The lines come out as the serial program prints them. */
#include <math.h>
#include <stdio.h>
#define N 300

int main(void) {
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (int k = 1; k < 200; k++)
      sum += sin(0.01 * i * k) / k;
    printf("%d %.9f\n", i, sum);
  }
  return 0;
}
