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
  /* ipt: taken as true, not proved: any order in which iterations come to where is right. */
  #pragma omp parallel for default(none) shared(best, where)
  for (int i = 0; i < N; i++) {
    int mine = score(i);
    #pragma omp critical
    if (mine > best) {
      best = mine;
      where = i;
    }
  }
  printf("%d at %d\n", best, where);
  return 0;
}
