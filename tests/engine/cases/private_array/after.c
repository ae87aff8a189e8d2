/* A temporary array that every iteration fills, and one that it finds filled. */
#include <stdio.h>
#define N 3000

static double result[N];

int main(void) {
  double point[3];
  double weight[4] = {0.5, 1.5, 2.5, 0.0};

  #pragma omp parallel for default(none) shared(result) private(point) \
      firstprivate(weight)
  for (int i = 0; i < N; i++) {
    for (int k = 0; k < 3; k++)
      point[k] = i * 0.001 + k;
    weight[3] = i;
    result[i] = 0.0;
    for (int k = 0; k < 3; k++)
      result[i] += weight[k] * point[k] + weight[3];
  }
  printf("%.6f %.6f\n", result[7], result[N - 1]);
  return 0;
}
