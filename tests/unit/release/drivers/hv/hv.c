/* What is built as a module. */
int hv_init(void)
{
	return 0;
}
