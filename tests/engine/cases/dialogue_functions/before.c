/* A region in one function, a loop in the next, tasks in none. */
#include <stdio.h>
#define N 5000

static int a[N], b[N], c[N];

static void smooth(int steps) {
  for (int k = 0; k < steps; k++) {
    for (int i = 1; i < N - 1; i++)
      b[i] = (a[i - 1] + a[i + 1]) / 2;
    for (int i = 1; i < N - 1; i++)
      a[i] = b[i];
    printf("step %d: %d\n", k, a[N / 2]);
  }
}

static void mark(void) {
  for (int i = 0; i < N; i++)
    c[i] = a[i] > 1000;
}

int main(void) {
  int marked = 0;
  for (int i = 0; i < N; i++)
    a[i] = i * 3 % 4001;
  smooth(6);
  mark();
  for (int i = 0; i < N; i++)
    marked += c[i];
  printf("%d\n", marked);
  return 0;
}
