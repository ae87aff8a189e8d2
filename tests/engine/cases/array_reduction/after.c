/* Elements that several iterations add to, take from, and multiply. */
#include <stdio.h>
#define N 6000

static int hits[16], left[16];
static long long power[4];
static int key[N];

int main(void) {
  #pragma omp parallel for default(none) shared(key)
  for (int i = 0; i < N; i++)
    key[i] = (i * 7919) % 16;
  for (int b = 0; b < 16; b++) {
    hits[b] = 0;
    left[b] = 5000;
  }
  for (int b = 0; b < 4; b++)
    power[b] = 1;

  #pragma omp parallel for default(none) shared(key, left) reduction(+: hits)
  for (int i = 0; i < N; i++) {
    hits[key[i]] += i % 3;
    #pragma omp atomic update
    left[key[i]] -= 1;
  }
  #pragma omp parallel for default(none) shared(key) reduction(*: power)
  for (int i = 0; i < 80; i++)
    power[key[i] % 4] *= 2;

  for (int b = 0; b < 16; b++)
    printf("%d %d %lld\n", hits[b], left[b], power[b % 4]);
  return 0;
}
