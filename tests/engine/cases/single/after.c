/* A region in which one thread alone counts, and the main one prints. */
#include <stdio.h>
#define N 4000

static double a[N], b[N];
static int rounds;

int main(void) {
  #pragma omp parallel default(none) shared(a, rounds, b)
  {
  #pragma omp for nowait
  for (int i = 0; i < N; i++)
    a[i] = 0.5 * i;
  #pragma omp single
  rounds = rounds + 1;
  #pragma omp for nowait
  for (int i = 0; i < N; i++)
    b[i] = a[N - 1 - i] + rounds;
  #pragma omp master
  printf("half way\n");
  #pragma omp barrier
  #pragma omp for
  for (int i = 0; i < N; i++)
    a[i] = b[N - 1 - i];
  #pragma omp master
  printf("%.2f %.2f %d\n", a[3], b[3], rounds);
  }
  return 0;
}
