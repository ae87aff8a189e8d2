/* A region in which one thread alone counts, and the main one prints. */
#include <stdio.h>
#define N 4000

static double a[N], b[N];
static int rounds;

int main(void) {
  for (int i = 0; i < N; i++)
    a[i] = 0.5 * i;
  rounds = rounds + 1;
  for (int i = 0; i < N; i++)
    b[i] = a[N - 1 - i] + rounds;
  printf("half way\n");
  for (int i = 0; i < N; i++)
    a[i] = b[N - 1 - i];
  printf("%.2f %.2f %d\n", a[3], b[3], rounds);
  return 0;
}
