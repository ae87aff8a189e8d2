#include <math.h>
#include <stdio.h>
#define N 1500
static double a[N], b[N];
int main(void) {
  double diff;
  int k;
  #pragma omp parallel default(none) shared(a, diff, b, k)
  {
  #pragma omp for nowait
  for (int i = 0; i < N; i++)
    a[i] = i % 17;
  for (int t = 0; ; t++) {
    #pragma omp barrier
    #pragma omp single
    diff = 0;
    #pragma omp for reduction(max: diff)
    for (int i = 1; i < N - 1; i++) {
      b[i] = (a[i - 1] + a[i] + a[i + 1]) / 3;
      if (fabs(b[i] - a[i]) > diff)
        diff = fabs(b[i] - a[i]);
    }
    if (diff < 1e-2 || t > 200) {
      #pragma omp single nowait
      printf("done after %d\n", t);
      break;
    }
    if (t % 2 == 1) continue;
    #pragma omp for nowait
    for (int i = 1; i < N - 1; i++)
      a[i] = b[i];
  }
  #pragma omp single
  k = 0;
  #pragma omp for reduction(+: k) nowait
  for (int i = 0; i < N; i++)
    if (a[i] > 5) k++;
  }
  printf("%d %.6f\n", k, diff);
  return 0;
}
