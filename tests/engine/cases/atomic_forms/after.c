/* What one thread at a time may do, in one step of the processor each. */
#include <stdio.h>
#define N 3000

static int list[N], filled, found, kept[64];

static int work(int i) {
  int value = i;
  for (int k = 0; k < 40; k++)
    value = (value * 37 + 11) % 1009;
  return value;
}

int main(void) {
  /* ipt: taken as true, not proved: any order in which iterations come to filled is right. */
  #pragma omp parallel for default(none) shared(filled, list)
  for (int i = 0; i < N; i++) {
    int value = work(i), at;
    if (value % 2) {
      #pragma omp atomic capture
      at = filled++;
      list[at] = value;
    }
  }
  long sum = 0;
  #pragma omp parallel for default(none) shared(filled, list) \
      reduction(+: sum)
  for (int i = 0; i < filled; i++)
    sum += list[i];

  #pragma omp parallel for default(none) shared(found)
  for (int i = 0; i < N; i++)
    if (work(i) == 500)
      #pragma omp atomic write
      found = 1;

  #pragma omp parallel for default(none) shared(kept)
  for (int i = 0; i < N; i++)
    #pragma omp atomic update
    kept[work(i) % 64] += i % 5;

  printf("%d %ld %d %d %d\n", filled, sum, found, kept[3], kept[63]);
  return 0;
}
