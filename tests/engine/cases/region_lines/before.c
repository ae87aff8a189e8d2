/* The user's own choice of lines, in a function that is not main. */
#include <stdio.h>
#include <stdlib.h>

static double measure(const double *restrict in, double *restrict out, int n) {
  double sum = 0, scale;
  int i, zeros = 0;
  if (n < 3)
    return 0;
  for (i = 1; i < n - 1; i++)
    out[i] = in[i - 1] - 2 * in[i] + in[i + 1];
  scale = 2.0;
  out[0] = out[1];
  out[n - 1] = out[n - 2];
  printf("ends %.6f %.6f\n", out[0], out[n - 1]);
  for (i = 0; i < n; i++) {
    out[i] *= scale;
    if (out[i] == 0)
      zeros++;
  }
  printf("%d zeros\n", zeros);
  for (i = 0; i < n; i++)
    sum += out[i] * out[i];
  return sum;
}

int main(void) {
  int n = 5000;
  double *in = malloc(n * sizeof(double)), *out = malloc(n * sizeof(double));
  if (!in || !out)
    return 1;
  for (int i = 0; i < n; i++)
    in[i] = i % 9 * 0.5;
  printf("%.6f\n", measure(in, out, n));
  free(in);
  free(out);
  return 0;
}
