#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <omp.h>
#include <stdio.h>

static double a[2000], b[2000];

int main(void) {
  { double ipt_start = omp_get_wtime();
  #pragma omp parallel for default(none) shared(b)
  for (int i = 0; i < 2000; i++)
    b[i] = i;
  fprintf(stderr, "ipt: lines 7 to 8 took %.6f s\n",
          omp_get_wtime() - ipt_start); }
  { double ipt_start = omp_get_wtime();
  for (int step = 0; step < 5; step++) {
    #pragma omp parallel for default(none) shared(a, b)
    for (int i = 1; i < 1999; i++)
      a[i] = b[i - 1] + b[i + 1];
    #pragma omp parallel for default(none) shared(b, a)
    for (int i = 1; i < 1999; i++)
      b[i] = 0.5 * a[i];
  }
  fprintf(stderr, "ipt: lines 9 to 14 took %.6f s\n",
          omp_get_wtime() - ipt_start); }
  printf("%.6f\n", b[1000]);
  return 0;
}
