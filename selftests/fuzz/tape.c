// SPDX-License-Identifier: GPL-2.0
/*
 * Decisions: repeated from a tape, then thrown by dice, and noted.
 */
#include "program.h"

/* xorshift64* */
static __u32 dice(struct fuzz *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (f->random * 0x2545f4914f6cdd1dULL) >> 32;
}

/* @limit 0: any.  What is noted is the decision, not what led to it. */
static __u32 decide(struct fuzz *f, __u32 limit)
{
	__u32 value = f->from < f->from_end ? *f->from++ : dice(f);
	struct fuzz_program *program = f->program;

	if (limit)
		value %= limit;
	if (program && program->words < FUZZ_WORDS) {
		program->word[program->words++] = value;
		++*f->count;
	}
	return value;
}

__u64 fuzz_random(struct fuzz *f)
{
	__u64 high = decide(f, 0);

	return high << 32 | decide(f, 0);
}

__u32 fuzz_below(struct fuzz *f, __u32 limit)
{
	return decide(f, limit);
}

bool fuzz_once_in(struct fuzz *f, __u32 times)
{
	return decide(f, times) == 0;
}

void fuzz_drop_tape(struct fuzz *f)
{
	f->from = NULL;
	f->from_end = NULL;
	f->program = NULL;
}

struct fuzz fuzz_noise(struct fuzz *f)
{
	struct fuzz noise = {
		.worker = f->worker, .random = 1ULL << 32 | decide(f, 0),
	};

	return noise;
}
