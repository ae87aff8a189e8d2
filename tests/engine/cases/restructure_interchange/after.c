#include <stdio.h>
#include <stdlib.h>

static double table[300][300];

int main(int argc, char **argv)
{
    int rows = argc > 1 ? atoi(argv[1]) : 300;
    int i, j;

    #pragma omp parallel for default(none) shared(rows, table) private(j)
    for (i = 0; i < rows; i++)
        for (j = 0; j < rows; j++)
            table[i][j] = (i * 7 + j * 13) % 29;

    /* smooth every row from left to right */
    #pragma omp parallel for default(none) shared(rows, table) private(j)
    for (i = 0; i < rows; i++)
        for (j = 1; j < rows; j++)
            table[i][j] = 0.5 * (table[i][j - 1] + table[i][j]);

    double sum = 0;
    #pragma omp parallel for default(none) shared(rows, table) \
        reduction(+: sum)
    for (i = 0; i < rows; i += 37)
        sum += table[i][rows - 1];
    printf("%.12f\n", sum);
    return 0;
}
