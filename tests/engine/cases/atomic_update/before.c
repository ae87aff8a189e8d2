/* Members of a struct are no reduction: each update is atomic. */
#include <stdio.h>
#define N 4000

struct totals {
  long hits;
  unsigned kinds;
};

static struct totals totals;

static int work(int i) {
  int found = i;
  for (int k = 0; k < 50; k++)
    found = (found * 37 + 11) % 10007;
  return found;
}

int main(void) {
  for (int i = 0; i < N; i++) {
    int mine = work(i);
    if (mine % 3 == 0) totals.hits++;
    totals.kinds |= 1u << mine % 32;
  }
  printf("%ld %x\n", totals.hits, totals.kinds);
  return 0;
}
