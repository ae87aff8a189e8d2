/* A pointer that each iteration sets anew, and one that walks along. */
#include <stdio.h>
#define ROWS 300
#define COLUMNS 20

static double table[ROWS][COLUMNS], line[ROWS];

int main(void) {
  double *row;
  double *at = line;

  for (int i = 0; i < ROWS; i++) {
    row = table[i];
    for (int j = 0; j < COLUMNS; j++)
      row[j] = i + 0.01 * j;
  }
  for (int i = 0; i < ROWS; i++) {
    *at = table[i][3];
    at++;
  }
  printf("%.2f %.2f\n", table[5][7], line[ROWS - 1]);
  return 0;
}
