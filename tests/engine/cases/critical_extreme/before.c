/* The place of the best value: one of several would do, and there is only one. */
#include <stdio.h>
#define N 3000

static int score(int i) {
  int found = i;
  for (int k = 0; k < 50; k++)
    found = (found * 37 + 11) % 10007;
  return found;
}

int main(void) {
  int best = -1, where = -1;
  for (int i = 0; i < N; i++) {
    int mine = score(i);
    if (mine > best) {
      best = mine;
      where = i;
    }
  }
  printf("%d at %d\n", best, where);
  return 0;
}
