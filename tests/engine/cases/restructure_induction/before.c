#include <stdio.h>
#include <stdlib.h>

static int grid[90000];

int main(int argc, char **argv)
{
    int rows = argc > 1 ? atoi(argv[1]) : 300;
    int next = 0;

    for (int i = 0; i < rows; i++)
        for (int j = 0; j < rows; j++) {
            grid[next] = i * j % 19;
            next++;
        }

    printf("%d %d\n", next, grid[next - 1]);
    return 0;
}
