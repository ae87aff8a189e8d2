/* Particles in a harmonic trap that repel each other: velocity Verlet.
 *
 * Usage: moldyn [particles] [steps]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIM 3

static double potential(double d)
{
    return d < 2.0 ? pow(cos(d * 0.785398163397448), 2.0) : 0.0;
}

static double slope(double d)
{
    return d < 2.0 ? -sin(d * 1.570796326794897) * 0.785398163397448 : 0.0;
}

static double distance(const double *r1, const double *r2, double *dr)
{
    double d = 0.0;
    for (int k = 0; k < DIM; k++) {
        dr[k] = r1[k] - r2[k];
        d += dr[k] * dr[k];
    }
    return sqrt(d);
}

static void compute(int n, const double *pos, const double *vel, double *force,
                    double *pot_out, double *kin_out)
{
    double pot = 0.0, kin = 0.0;
    double rij[3], d;
    int i, j, k;

    for (i = 0; i < n; i++) {
        for (k = 0; k < DIM; k++)
            force[k + i * DIM] = 0.0;
        for (j = 0; j < n; j++)
            if (i != j) {
                d = distance(pos + i * DIM, pos + j * DIM, rij);
                pot += 0.5 * potential(d);
                for (k = 0; k < DIM; k++)
                    force[k + i * DIM] -= rij[k] * slope(d) / d;
            }
        for (k = 0; k < DIM; k++)
            kin += vel[k + i * DIM] * vel[k + i * DIM];
    }
    *pot_out = pot;
    *kin_out = 0.5 * kin;
}

static void update(int n, double *pos, double *vel, const double *force, double *acc,
                   double dt)
{
    int i, k;
    for (i = 0; i < n; i++)
        for (k = 0; k < DIM; k++) {
            pos[k + i * DIM] += vel[k + i * DIM] * dt + 0.5 * dt * dt * acc[k + i * DIM];
            vel[k + i * DIM] += 0.5 * dt * (force[k + i * DIM] + acc[k + i * DIM]);
            acc[k + i * DIM] = force[k + i * DIM];
        }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 80;
    int steps = argc > 2 ? atoi(argv[2]) : 10;
    double *pos = malloc(n * DIM * sizeof(double));
    double *vel = calloc(n * DIM, sizeof(double));
    double *acc = calloc(n * DIM, sizeof(double));
    double *force = malloc(n * DIM * sizeof(double));
    double pot, kin;
    if (n < 2 || !pos || !vel || !acc || !force)
        return 1;

    for (int i = 0; i < n * DIM; i++)
        pos[i] = 5.0 * sin(1.7 * i + 0.3 * (i % 11));

    for (int step = 0; step < steps; step++) {
        compute(n, pos, vel, force, &pot, &kin);
        update(n, pos, vel, force, acc, 0.001);
        if (step % 5 == 0)
            printf("step %d: potential %.8f kinetic %.8e\n", step, pot, kin);
    }
    free(pos);
    free(vel);
    free(acc);
    free(force);
    return 0;
}
