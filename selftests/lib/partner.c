// SPDX-License-Identifier: GPL-2.0
/*
 * The other thread of a race: see partner.h.
 */
#include <unistd.h>

#include "partner.h"

static void *follow(void *arg)
{
	struct mt_partner *partner = arg;
	int round;

	mt_one_cpu(1 % sysconf(_SC_NPROCESSORS_ONLN));
	for (round = 0; round < partner->rounds; round++) {
		mt_meet(partner);
		partner->act(partner->task, partner->arg);
		mt_meet(partner);
	}
	return NULL;
}

void mt_start_partner(struct mt_partner *partner, const struct mt_task *task,
		      mt_act *act, void *arg, int rounds)
{
	partner->task = task;
	partner->act = act;
	partner->arg = arg;
	partner->rounds = rounds;
	mt_one_cpu(0);
	mt_must(pthread_barrier_init(&partner->barrier, NULL, 2));
	mt_must(pthread_create(&partner->thread, NULL, follow, partner));
}

void mt_meet(struct mt_partner *partner)
{
	pthread_barrier_wait(&partner->barrier);
}

void mt_end_partner(struct mt_partner *partner)
{
	mt_must(pthread_join(partner->thread, NULL));
}
