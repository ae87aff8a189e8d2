/* Two loops that carry values along, each for itself. */
#include <stdio.h>
#define N 3000

int main(void) {
  static double left[N], right[N];
  int i;
  left[0] = right[0] = 1;
  #pragma omp parallel sections default(none) shared(left, right) private(i)
  {
  #pragma omp section
  for (i = 1; i < N; i++)
    left[i] = left[i - 1] * 0.7 + i;
  #pragma omp section
  for (i = 1; i < N; i++)
    right[i] = right[i - 1] * 0.3 - i;
  }
  printf("%.9f %.9f\n", left[N - 1], right[N - 1]);
  return 0;
}
