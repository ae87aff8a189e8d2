/* A grid in a struct; its two fields come from one place each. */
#include <stdio.h>

struct grid {
    int nx, ny;
    double now[70][90], next[70][90];
};

static void step(struct grid *g)
{
    int i, j;
    for (i = 1; i < g->nx - 1; i++)
        for (j = 1; j < g->ny - 1; j++)
            g->next[i][j] = 0.25 * (g->now[i - 1][j] + g->now[i + 1][j]
                                    + g->now[i][j - 1] + g->now[i][j + 1]);
    for (i = 1; i < g->nx - 1; i++)
        for (j = 1; j < g->ny - 1; j++)
            g->now[i][j] = g->next[i][j];
}

int main(void)
{
    static struct grid g;
    g.nx = 70;
    g.ny = 90;
    g.now[35][45] = 1000.0;
    for (int k = 0; k < 30; k++)
        step(&g);
    printf("%.9f %.9f\n", g.now[35][45], g.now[30][40]);
    return 0;
}
