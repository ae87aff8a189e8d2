#include <math.h>
#include <stdio.h>
#define N 1500
static double a[N], b[N];
int main(void) {
  double diff;
  int k;
  for (int i = 0; i < N; i++)
    a[i] = i % 17;
  for (int t = 0; ; t++) {
    diff = 0;
    for (int i = 1; i < N - 1; i++) {
      b[i] = (a[i - 1] + a[i] + a[i + 1]) / 3;
      if (fabs(b[i] - a[i]) > diff)
        diff = fabs(b[i] - a[i]);
    }
    if (diff < 1e-2 || t > 200) {
      printf("done after %d\n", t);
      break;
    }
    if (t % 2 == 1) continue;
    for (int i = 1; i < N - 1; i++)
      a[i] = b[i];
  }
  k = 0;
  for (int i = 0; i < N; i++)
    if (a[i] > 5) k++;
  printf("%d %.6f\n", k, diff);
  return 0;
}
