/* Loops that are left before their end, and one that only goes on. */
#include <stdio.h>
#include <stdlib.h>
#define N 3000

static int value[N], kept[N];

static int first_above(int limit) {
  for (int i = 0; i < N; i++)
    if (value[i] > limit)
      return i;
  return -1;
}

int main(void) {
  #pragma omp parallel for default(none) shared(value)
  for (int i = 0; i < N; i++)
    value[i] = i * 7919 % 4001;
  for (int i = 0; i < N; i++)
    if (value[i] == 4000)
      break;
  for (int i = 0; i < N; i++) {
    if (value[i] < 0)
      exit(2);
    if (value[i] % 3 == 0)
      continue;
    kept[i] = value[i];
  }
  printf("%d %d\n", first_above(3990), kept[10]);
  return 0;
}
