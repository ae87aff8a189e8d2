/* Each function has one loop; `//!` in a line says how it is protected. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define N 3000

struct totals {
  long hits;
  unsigned bits;
};
static struct totals totals;
static int value[N], list[N], filled, bins[16], seen[N], flag;

static int work(int i) {
  int found = i;
  for (int k = 0; k < 40; k++)
    found = (found * 37 + 11) % 1009;
  return found;
}

static void append(int v) {
  list[filled] = v;
  filled++;
}

static void members(void) {
  for (int i = 0; i < N; i++) {
    int v = work(i);
    if (v % 3 == 0) totals.hits++; //! atomic update
    value[i] = v;
    totals.bits |= 1u << (v % 32); //! atomic update
  }
  printf("members %ld %u\n", totals.hits, totals.bits);
}

static void histogram(void) {
  for (int i = 0; i < N; i++) {
    int v = work(i);
    bins[v % 16] += v; //! atomic update
  }
  for (int b = 0; b < 16; b++)
    printf("bin %d\n", bins[b]);
}

static void sorted(const char *name) {
  long sum = 0, squares = 0;
  for (int i = 0; i < filled; i++) {
    sum += list[i];
    squares += (long)list[i] * list[i];
  }
  printf("%s %d %ld %ld\n", name, filled, sum, squares);
  filled = 0;
  memset(list, 0, sizeof list);
}

static void captured(void) {
  for (int i = 0; i < N; i++) {
    int v = work(i), k;
    if (v % 2) {
      k = filled++; //! atomic capture
      list[k] = v;
    }
  }
  sorted("captured");
}

static void captured_by_two(void) {
  for (int i = 0; i < N; i++) {
    int v = work(i), k;
    if (v % 2) {
      k = filled; //! atomic capture
      filled += 1; //! atomic capture
      list[k] = v;
    }
  }
  sorted("by two");
}

static void appended(void) {
  for (int i = 0; i < N; i++) {
    int v = work(i);
    if (v % 5 == 0) append(v); else value[i] = v; //! critical
  }
  sorted("appended");
}

static void first_time(void) {
  int kinds = 0;
  for (int i = 0; i < N; i++) {
    int v = work(i);
    if (!seen[v]) { //! critical
      seen[v] = 1;
      kinds++;
    }
  }
  printf("kinds %d\n", kinds);
}

static void extreme(void) {
  int best = -1, where = -1;
  for (int i = 0; i < N; i++) {
    int v = work(i) * 4000 + i;
    if (v > best) { //! critical
      best = v;
      where = i;
    }
  }
  printf("extreme %d %d\n", best, where);
}

static void set(void) {
  for (int i = 0; i < N; i++)
    if (work(i) == 500) flag = 1; //! atomic write
  printf("flag %d\n", flag);
}

static void in_order(void) {
  for (int i = 0; i < 300; i++) {
    int v = work(i);
    printf("%d ", v); //! ordered
    if (v % 10 == 0) //! ordered
      printf("\n");
  }
  printf("\n");
}

static void total_in_order(void) {
  unsigned total = 1;
  for (int i = 0; i < 300; i++) {
    unsigned v = work(i);
    total = total * 31 + v; //! ordered
    value[i] = (int)v;
  }
  printf("total %u\n", total);
}

static void random_in_order(void) {
  srand(7);
  for (int i = 0; i < 300; i++) {
    int r;
    r = rand(); //! ordered
    value[i] = work(r % 1000);
  }
  long sum = 0;
  for (int i = 0; i < 300; i++)
    sum += value[i] * (long)i;
  printf("random %ld\n", sum);
}

int main(void) {
  members();
  histogram();
  captured();
  captured_by_two();
  appended();
  first_time();
  extreme();
  set();
  in_order();
  total_in_order();
  random_in_order();
  return 0;
}
