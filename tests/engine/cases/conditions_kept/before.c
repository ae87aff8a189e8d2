/* A test around a loop makes it parallel; a pointer and a number that go down. */
#include <stdio.h>
#define N 4000

static double a[3 * N], plane[4][N];

static void shift(int n, int m) {
  if (n < 1)
    return;
  if (m >= n) {
    for (int i = 0; i < n; i++)
      a[i] = a[i + m] * 0.5;
  } else {
    for (int i = 0; i < n; i++)
      a[i] = a[i + m] * 0.5;
  }
}

int main(void) {
  double *from = a + N, total = 0.0;
  int k = 2 * N;

  for (int i = 0; i < 3 * N; i++)
    a[i] = i % 17;
  shift(N, N);
  shift(N, 5);
  for (int row = 0; row < 4; row++)
    for (int column = 0; column < N; column++)
      plane[row][column] = a[column] + row;
  for (int i = N - 1; i >= 0; i--) {
    plane[1][i] += *--from;
    plane[2][i] += k;
    k -= 2;
  }
  for (int i = 0; i < N; i += 500)
    total += plane[0][i] + plane[1][i] + plane[2][i] + plane[3][i];
  printf("%.3f %d %d\n", total, k, (int)(from - a));
  return 0;
}
