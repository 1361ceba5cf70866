/* A patch takes this file away. */
int old;
