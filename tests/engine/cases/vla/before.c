/* Arrays whose length is known when the program runs, and counters of C99. */
#include <stdio.h>
#include <stdlib.h>

static double corner(int rows, int columns) {
  double grid[rows][columns];

  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++)
      grid[i][j] = i + 0.5 * j;
  return grid[rows - 1][columns - 1];
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 50;
  printf("%.2f\n", corner(n, 2 * n));
  return 0;
}
