/* Every clause is looked at, and some are changed. */
#include <stdio.h>
#define N 6000

static double x[N], y[N];
static int key[N], count[16];

int main(void) {
  double part[2];
  int seen = 0;
  double sum = 0.0;
  #pragma omp parallel for default(none) shared(x, key) schedule(static,100) \
      if(N > 1000) num_threads(2)
  for (int i = 0; i < N; i++) {
    x[i] = i % 37;
    key[i] = i % 16;
  }
  #pragma omp parallel for default(none) shared(x, y, count, key, seen) \
      firstprivate(part) reduction(+: sum) schedule(guided,8)
  for (int i = 0; i < N; i++) {
    part[0] = x[i] * 0.5;
    part[1] = x[i] + 1.0;
    y[i] = part[0] + part[1];
    sum += y[i];
    #pragma omp atomic update
    count[key[i]]++;
    #pragma omp atomic update
    seen++;
  }
  printf("%d %.1f %d\n", seen, sum, count[3]);
  return 0;
}
