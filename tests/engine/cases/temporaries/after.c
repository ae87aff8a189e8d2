/* Scratch arrays: filled by memset, by a function, and read after the loop. */
#include <stdio.h>
#include <string.h>
#define N 2000

static double place[N][3], force[N], last_sum[N];

static double distance(const double *p, const double *q, double *r) {
  double d = 0.0;
  for (int k = 0; k < 3; k++) {
    r[k] = p[k] - q[k];
    d += r[k] * r[k];
  }
  return d;
}

int main(void) {
  double rij[3], d, final[4];
  int count[8], i, j, k, odd = 0, all_small = 1;

  #pragma omp parallel for default(none) shared(place) private(k)
  for (i = 0; i < N; i++)
    for (k = 0; k < 3; k++)
      place[i][k] = (i * 7 + k) % 101;
  #pragma omp parallel for default(none) shared(force, place) \
      private(j, d, k, rij) schedule(dynamic,16)
  for (i = 0; i < N; i++) {
    force[i] = 0.0;
    for (j = i % 40; j < N; j += 40) {
      d = distance(place[i], place[j], rij);
      if (d > 5000.0)
        for (k = 0; k < 3; k++)
          force[i] += rij[k] / d;
    }
  }
  #pragma omp parallel for default(none) shared(last_sum) private(j, count) \
      reduction(||: odd) reduction(&&: all_small)
  for (i = 0; i < N; i++) {
    memset(count, 0, sizeof count);
    for (j = 0; j < 20; j++)
      count[(i * j) % 8]++;
    last_sum[i] = count[0] + count[3] * 0.5;
    if (count[7] > 11)
      odd = 1;
    if (count[0] > 30) {
      all_small = 0;
    }
  }
  #pragma omp parallel for default(none) shared(force, last_sum) private(k) \
      lastprivate(final)
  for (i = 0; i < N; i++) {
    for (k = 0; k < 4; k++)
      final[k] = i + k * force[i];
    last_sum[i] += final[3] - final[0];
  }
  printf("%.6f %.6f %.6f %d %d\n", force[3], last_sum[N - 1], final[2], odd, all_small);
  return 0;
}
