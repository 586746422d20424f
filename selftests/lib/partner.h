/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second thread that does one thing again and again, on another processor
 * if there is one, each time together with the test: for races of two calls.
 *
 *	mt_start_partner(&partner, task, act, arg, ROUNDS);
 *	for (round = 0; round < ROUNDS; round++) {
 *		set up what arg says
 *		mt_meet(&partner);	both act
 *		the test's own call
 *		mt_meet(&partner);	both are done
 *		judge
 *	}
 *	mt_end_partner(&partner);
 */
#ifndef MACH_PARTNER_H
#define MACH_PARTNER_H

#include <pthread.h>

#include "mach_test.h"

typedef void mt_act(const struct mt_task *task, void *arg);

struct mt_partner {
	const struct mt_task *task;
	mt_act *act;
	void *arg;
	int rounds;
	pthread_barrier_t barrier;
	pthread_t thread;
};

void mt_start_partner(struct mt_partner *partner, const struct mt_task *task,
		      mt_act *act, void *arg, int rounds);
void mt_meet(struct mt_partner *partner);
void mt_end_partner(struct mt_partner *partner);

#endif /* MACH_PARTNER_H */
