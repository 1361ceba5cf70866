/* The bus: a file long enough for patches with context. */

int vmbus_1(int x)
{
	return x + 1;
}

int vmbus_2(int x)
{
	return x + 2;
}

int vmbus_3(int x)
{
	return x + 3;
}

int vmbus_4(int x)
{
	return x + 4;
}

int vmbus_5(int x)
{
	return x + 5;
}

int vmbus_6(int x)
{
	return x + 6;
}

int vmbus_7(int x)
{
	return x + 7;
}

int vmbus_8(int x)
{
	return x + 8;
}
