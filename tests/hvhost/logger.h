/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOGGER_H
#define LOGGER_H

#include "hvhost.h"

/*
 * Write the messages to FD from a thread of its own: a pipe that is not read, or a terminal
 * after Ctrl-S, must not stop who has something to say and holds the lock of the loop. Lines for
 * which there is no room are dropped, and a line says how many. The first starts the thread.
 */
void logger_init(int fd);
/* Wait for at most MS until all is written; later messages are written at once. */
void logger_end(unsigned int ms);

#endif
