/* A flag in a struct: whoever sets it, it is set to the same value. */
#include <stdio.h>
#define N 4000

struct found {
  int any;
  int never;
};

static struct found found;

static int work(int i) {
  int value = i;
  for (int k = 0; k < 50; k++)
    value = (value * 37 + 11) % 10007;
  return value;
}

int main(void) {
  for (int i = 0; i < N; i++) {
    int mine = work(i);
    if (mine % 1000 == 7)
      found.any = 1;
    if (mine > 20000)
      found.never = 1;
  }
  printf("%d %d\n", found.any, found.never);
  return 0;
}
