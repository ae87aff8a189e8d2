/* Rows, columns and three components in one block of memory. */
#include <stdio.h>
#include <stdlib.h>

static int at(int row, int column, int columns, int part)
{
    return (row * columns + column) * 3 + part;
}

static void blur(int rows, int columns, const double *restrict in, double *restrict out)
{
    for (int r = 1; r < rows - 1; r++) {
        for (int c = 1; c < columns - 1; c++) {
            for (int p = 0; p < 3; p++) {
                double sum = 0.0;
                for (int dr = -1; dr <= 1; dr++)
                    for (int dc = -1; dc <= 1; dc++)
                        sum += in[at(r + dr, c + dc, columns, p)];
                out[at(r, c, columns, p)] = sum / 9.0;
            }
        }
    }
}

int main(void)
{
    int rows = 60, columns = 80;
    double *in = malloc(rows * columns * 3 * sizeof *in);
    double *out = calloc(rows * columns * 3, sizeof *out);
    if (in == NULL || out == NULL)
        return 1;
    for (int k = 0; k < rows * columns * 3; k++)
        in[k] = (k * 7919) % 256;
    blur(rows, columns, in, out);
    double total = 0.0;
    for (int k = 0; k < rows * columns * 3; k++)
        total += out[k];
    printf("%.6f %.6f\n", out[at(30, 40, columns, 1)], total);
    free(in);
    free(out);
    return 0;
}
