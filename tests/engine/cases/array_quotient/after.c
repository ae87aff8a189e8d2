/* Elements that several iterations divide. */
#include <stdio.h>
#define N 4000

static double share[8];

int main(void) {
  for (int b = 0; b < 8; b++)
    share[b] = 1e6;
  #pragma omp parallel for default(none) shared(share)
  for (int i = 0; i < N; i++)
    #pragma omp atomic update
    share[i % 8] /= 1.0 + 1.0 / (i + 2);
  for (int b = 0; b < 8; b++)
    printf("%.6f\n", share[b]);
  return 0;
}
