/* The time of lines that the person names. */
#include <stdio.h>
#include <omp.h>
#include <stdio.h>
#define N 3000

static double a[N];

int main(void) {
  double sum = 0.0;

  { double ipt_start = omp_get_wtime();
  #pragma omp parallel for default(none) shared(a)
  for (int i = 0; i < N; i++)
    a[i] = 0.5 * i;
  for (int i = 1; i < N; i++)
    a[i] += 0.25 * a[i - 1];
  fprintf(stderr, "ipt: lines 10 to 13 took %.6f s\n",
          omp_get_wtime() - ipt_start); }
  for (int i = 0; i < N; i += 500)
    { double ipt_start = omp_get_wtime();
    sum += a[i];
    fprintf(stderr, "ipt: lines 15 to 15 took %.6f s\n",
            omp_get_wtime() - ipt_start); }
  printf("%.6f\n", sum);
  return 0;
}
