/* Each iteration needs its own result of the loop before. */
#include <stdio.h>
#define N 4000
static double x[N], v[N], f[N];

int main(void) {
  double dt = 0.01;
  #pragma omp parallel default(none) shared(x, v, f, dt)
  {
  #pragma omp for schedule(static) nowait
  for (int i = 0; i < N; i++) {
    x[i] = i;
    v[i] = 0;
  }
  for (int step = 0; step < 40; step++) {
    #pragma omp for schedule(static) nowait
    for (int i = 0; i < N; i++)
      f[i] = -x[i];
    #pragma omp for schedule(static) nowait
    for (int i = 0; i < N; i++)
      v[i] += dt * f[i];
    #pragma omp for schedule(static) nowait
    for (int i = 0; i < N; i++)
      x[i] += dt * v[i];
  }
  }
  printf("%.9f %.9f\n", x[7], v[N - 1]);
  return 0;
}
