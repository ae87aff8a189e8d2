/* Red-black relaxation: half of the points, then the other half.
 *
 * Usage: redblack [points per side] [sweeps]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAXN 1502

double u[MAXN][MAXN];

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100;
    int sweeps = argc > 2 ? atoi(argv[2]) : 60;
    double worst = 0.0;
    if (n < 3 || n > MAXN)
        return 1;

    #pragma omp parallel for
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            u[i][j] = i == 0 ? 1.0 : 0.0;

    #pragma omp parallel
    for (int sweep = 0; sweep < sweeps; sweep++) {
        #pragma omp for
        for (int i = 1; i < n - 1; i++)
            for (int j = 1 + i % 2; j < n - 1; j += 2)
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
        #pragma omp for
        for (int i = 1; i < n - 1; i++)
            for (int j = 2 - i % 2; j < n - 1; j += 2)
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
    }

    #pragma omp parallel for reduction(max : worst)
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++) {
            double defect = fabs(4 * u[i][j] - u[i - 1][j] - u[i + 1][j]
                                 - u[i][j - 1] - u[i][j + 1]);
            worst = defect > worst ? defect : worst;
        }
    printf("largest defect %.12e\n", worst);
    printf("centre %.12f\n", u[n / 2][n / 2]);
    return 0;
}
