/* Jacobi's method, until nothing changes any more. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int n = 600, i, it = 0;
  double *restrict u = malloc(n * sizeof(double));
  double *restrict un = malloc(n * sizeof(double));
  double err = 1.0, tol = 1e-4;
  if (!u || !un)
    return 1;
  #pragma omp parallel default(none) shared(n, u, un, err, tol, it) \
      private(i)
  {
  #pragma omp for nowait
  for (i = 0; i < n; i++)
    u[i] = un[i] = i == 0 ? 1.0 : 0.0;
  while (err > tol && it < 2000) {
    #pragma omp barrier
    #pragma omp single
    err = 0.0;
    #pragma omp for reduction(max: err)
    for (i = 1; i < n - 1; i++) {
      un[i] = 0.5 * (u[i - 1] + u[i + 1]);
      err = fmax(err, fabs(un[i] - u[i]));
    }
    #pragma omp for nowait
    for (i = 1; i < n - 1; i++)
      u[i] = un[i];
    #pragma omp single
    it++;
  }
  }
  printf("%d steps, %.9f, middle %.9f\n", it, err, u[n / 8]);
  free(u);
  free(un);
  return 0;
}
