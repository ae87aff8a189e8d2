/* The person wants the loop over the columns, not the one over the rows. */
#include <stdio.h>
#define ROWS 3
#define COLUMNS 5000

static double table[ROWS][COLUMNS];

int main(void) {
  int row, column;
  for (row = 0; row < ROWS; row++)
    #pragma omp parallel for default(none) shared(table, row)
    for (column = 0; column < COLUMNS; column++)
      table[row][column] = row * 0.5 + column;
  printf("%.2f %.2f\n", table[1][2], table[ROWS - 1][COLUMNS - 1]);
  return 0;
}
