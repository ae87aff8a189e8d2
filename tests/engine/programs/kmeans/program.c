/* Points in clusters: Lloyd's algorithm.
 *
 * Usage: kmeans [points] [rounds]
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define K 8
#define DIM 2

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 4000;
    int rounds = argc > 2 ? atoi(argv[2]) : 10;
    double (*point)[DIM] = malloc(n * sizeof *point);
    int *cluster = malloc(n * sizeof *cluster);
    double centre[K][DIM], sum[K][DIM];
    int size[K];
    if (n < K || !point || !cluster)
        return 1;

    for (int i = 0; i < n; i++) {
        point[i][0] = 10.0 * (i % K) + sin(i);
        point[i][1] = 7.0 * (i % 3) + cos(3.0 * i);
    }
    for (int k = 0; k < K; k++)
        for (int d = 0; d < DIM; d++)
            centre[k][d] = point[k * 3][d];

    for (int round = 0; round < rounds; round++) {
        /* each point goes to the nearest centre */
        for (int i = 0; i < n; i++) {
            double best = DBL_MAX;
            for (int k = 0; k < K; k++) {
                double dx = point[i][0] - centre[k][0];
                double dy = point[i][1] - centre[k][1];
                double d = dx * dx + dy * dy;
                if (d < best) {
                    best = d;
                    cluster[i] = k;
                }
            }
        }
        /* each centre goes to the middle of its points */
        for (int k = 0; k < K; k++) {
            size[k] = 0;
            sum[k][0] = sum[k][1] = 0.0;
        }
        for (int i = 0; i < n; i++) {
            size[cluster[i]]++;
            sum[cluster[i]][0] += point[i][0];
            sum[cluster[i]][1] += point[i][1];
        }
        for (int k = 0; k < K; k++)
            if (size[k] > 0)
                for (int d = 0; d < DIM; d++)
                    centre[k][d] = sum[k][d] / size[k];
    }
    for (int k = 0; k < K; k++)
        printf("centre %d: %.6f %.6f, %d points\n", k, centre[k][0], centre[k][1], size[k]);
    free(point);
    free(cluster);
    return 0;
}
