/* Where the two pointers come from is not visible in this file alone. */
#include <stdio.h>

void scale(int n, double factor, const double *from, double *to)
{
	for (int i = 0; i < n; i++)
		to[i] = factor * from[i];
}

int main(int argc, char **argv)
{
	static double store[4000];
	for (int i = 0; i < 4000; i++)
		store[i] = i;
	scale(2000, 0.5, store, store + 2000);
	printf("%.3f %.3f\n", store[2000 + argc], store[3999]);
	return 0;
}
