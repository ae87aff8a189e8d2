/* Loops that are the only statement of a branch. */
#include <stdio.h>

static void fill(int n, int down, int *a) {
  if (down)
    for (int i = n - 1; i >= 0; i--)
      a[i] = -i;
  else
    for (int i = 0; i < n; ++i)
      a[i] = i;
}

int main(void) {
  static int a[5000];
  fill(5000, 0, a);
  fill(2500, 1, a);
  printf("%d %d\n", a[2400], a[4999]);
  return 0;
}
