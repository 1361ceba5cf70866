/* No patch touches this file. */
int other;
