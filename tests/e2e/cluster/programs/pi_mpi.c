/* Each rank sums up its part of an integral; rank 0 tells the whole. */
#include <mpi.h>
#include <stdio.h>

#define STEPS 4000000

int main(int argc, char **argv) {
  int rank, ranks;
  double part = 0, pi = 0;

  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  for (long i = rank; i < STEPS; i += ranks) {
    double x = (i + 0.5) / STEPS;
    part += 4 / (1 + x * x);
  }
  part /= STEPS;
  MPI_Reduce(&part, &pi, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0) {
    printf("pi is %.9f, found by %d ranks\n", pi, ranks);
    for (int i = 1; i < argc; i++) {
      printf("told: %s\n", argv[i]);
    }
  }
  MPI_Finalize();
  return 0;
}
