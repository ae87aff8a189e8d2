// C++ streams, and arrays whose length is known when the program runs.
#include <cstdio>
#include <iostream>

int main() {
  const int rows = 40, columns = 60;
  double grid[rows][columns];

  #pragma omp parallel for default(none) shared(rows, columns, grid)
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++)
      grid[i][j] = i + 0.5 * j;
  double sum = 0.0;
  #pragma omp parallel for default(none) shared(rows, grid) reduction(+: sum)
  for (int i = 0; i < rows; i++)
    sum += grid[i][i];
  std::cout << "sum " << sum << std::endl;
  return 0;
}
