/* Start. */
int start_kernel(void)
{
	int tries = 10;

	return tries;
}
