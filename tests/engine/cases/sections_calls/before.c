/* Two recurrences that need nothing of each other. */
#include <math.h>
#include <stdio.h>
#define N 3000

static double left[N], right[N];

static void fill(double *row, double factor) {
  row[0] = 1;
  for (int i = 1; i < N; i++)
    row[i] = sin(row[i - 1] * factor) + factor;
}

int main(void) {
  fill(left, 1.5);
  fill(right, 2.5);
  printf("%.9f %.9f\n", left[N - 1], right[N - 1]);
  return 0;
}
