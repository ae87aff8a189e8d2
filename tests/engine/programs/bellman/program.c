/* Shortest paths from one town along a list of roads: Bellman and Ford.
 *
 * Usage: bellman [towns]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct road {
    int from, to, length;
};

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 300;
    int m = 4 * n;
    if (n < 2)
        return 1;
    struct road *roads = malloc(m * sizeof *roads);
    int *dist = malloc(n * sizeof *dist);
    int changed = 1, rounds = 0;

    for (int e = 0; e < m; e++) {
        roads[e].from = e % n;
        roads[e].to = (int)((e * 73L + e / n * 31L + 1) % n);
        roads[e].length = 1 + (e * 37) % 100;
    }
    for (int v = 0; v < n; v++)
        dist[v] = 1000000;
    dist[0] = 0;

    while (changed && rounds < n) {
        changed = 0;
        for (int e = 0; e < m; e++) {
            int way = dist[roads[e].from] + roads[e].length;
            if (way < dist[roads[e].to]) {
                dist[roads[e].to] = way;
                changed = 1;
            }
        }
        rounds++;
    }

    int farthest = 0;
    for (int v = 0; v < n; v++)
        if (dist[v] > dist[farthest])
            farthest = v;
    printf("farthest town %d at %d\n", farthest, dist[farthest]);
    free(roads);
    free(dist);
    return 0;
}
