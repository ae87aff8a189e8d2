/* Heat diffusion; the rows change places by pointers, every tenth step prints. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int n = 4000, i, t;
  double *u = malloc(n * sizeof(double)), *un = malloc(n * sizeof(double));
  double *tmp;
  if (!u || !un)
    return 1;
  for (i = 0; i < n; i++)
    u[i] = un[i] = i < n / 2 ? 1.0 : 0.0;
  for (t = 0; t < 50; t++) {
    for (i = 1; i < n - 1; i++)
      un[i] = 0.5 * u[i] + 0.25 * (u[i - 1] + u[i + 1]);
    tmp = u; u = un; un = tmp;
    if (t % 10 == 0)
      printf("%d %.9f\n", t, u[n / 2]);
  }
  printf("%.12f %.12f\n", u[n / 2], u[n / 2 - 7]);
  free(u);
  free(un);
  return 0;
}
