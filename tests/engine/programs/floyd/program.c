/* Shortest paths between all pairs of towns: Floyd and Warshall.
 *
 * Usage: floyd [towns]
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define FAR (INT_MAX / 4)

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 120;
    if (n < 2)
        return 1;
    int *dist = malloc((size_t)n * n * sizeof(int));
    if (dist == NULL)
        return 1;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (i == j)
                dist[i * n + j] = 0;
            else
                dist[i * n + j] = (i * 31 + j * 17) % 23 < 5 ? 1 + (i + j) % 50 : FAR;

    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                if (dist[i * n + k] + dist[k * n + j] < dist[i * n + j])
                    dist[i * n + j] = dist[i * n + k] + dist[k * n + j];

    long sum = 0;
    int longest = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (dist[i * n + j] < FAR) {
                sum += dist[i * n + j];
                if (dist[i * n + j] > longest)
                    longest = dist[i * n + j];
            }
    printf("sum of distances %ld, longest %d\n", sum, longest);
    free(dist);
    return 0;
}
