// SPDX-License-Identifier: GPL-2.0
/*
 * How much WSL requests from memory.reclaim: util.cpp:3533-3990 of github.com/microsoft/WSL
 * at 3e27a6a50177ce4e32e72f7b957aef5db5768062. The numbers are facts, nothing is copied.
 */
#include "bench.h"

#define STEP_LEAST (256ULL << 20)
#define STEP_MOST  (1ULL << 30)

unsigned long long wsl_step(unsigned long long reclaimable, unsigned long long memory)
{
	unsigned long long step = memory / 32;

	if (reclaimable <= WSL_LEAVES)
		return 0;
	if (step < STEP_LEAST)
		step = STEP_LEAST;
	if (step > STEP_MOST)
		step = STEP_MOST;
	return reclaimable - WSL_LEAVES < step ? reclaimable - WSL_LEAVES : step;
}
