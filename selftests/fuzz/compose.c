// SPDX-License-Identifier: GPL-2.0
/*
 * Which program to run next: the dice of the fuzzer itself, which are not
 * noted.
 */
#include <string.h>

#include "program.h"

/* A program as views of its steps' words, which lie elsewhere. */
struct draft {
	int count;
	struct fuzz_step step[FUZZ_STEPS];
};

static void insert(struct draft *draft, int at, const struct fuzz_step *step)
{
	if (draft->count == FUZZ_STEPS)
		return;
	memmove(&draft->step[at + 1], &draft->step[at],
		(draft->count - at) * sizeof(*draft->step));
	draft->step[at] = *step;
	draft->count++;
}

/*
 * A child makes many calls that are all refused, and its parent waits: what is
 * kept would soon consist of little else.
 */
static bool is_tedious(struct fuzz *f, const struct fuzz_step *step)
{
	return step->count > 1 &&
	       step->words[1] % FUZZ_STEP_KINDS == FUZZ_PROCESS_STEP &&
	       !fuzz_once_in(f, 30);
}

static void load(struct fuzz *f, struct draft *draft,
		 const struct fuzz_program *program)
{
	struct fuzz_step step;
	__u32 at = 0;

	draft->count = 0;
	while (fuzz_program_step(program, &at, &step))
		if (!is_tedious(f, &step))
			insert(draft, draft->count, &step);
}

static void pick(struct fuzz *f, const struct fuzz_corpus *corpus,
		 struct fuzz_program *program)
{
	unsigned long size = fuzz_corpus_size(corpus);
	__u32 which = fuzz_below(f, size);

	/* The young ones lead on more often than the old. */
	if (fuzz_once_in(f, 2) && size > 16)
		which = (corpus->added - 1 - fuzz_below(f, size / 8)) %
			FUZZ_PROGRAMS;
	*program = corpus->program[which];
}

/* The end of another program behind, or in the place of, that of this one. */
static void splice(struct fuzz *f, struct draft *draft,
		   const struct fuzz_program *program)
{
	struct draft other;
	int i;

	load(f, &other, program);
	if (!other.count)
		return;
	if (fuzz_once_in(f, 2) && draft->count)
		draft->count = 1 + fuzz_below(f, draft->count);
	for (i = fuzz_below(f, other.count); i < other.count; i++)
		insert(draft, draft->count, &other.step[i]);
}

static void change_steps(struct fuzz *f, struct draft *draft,
			 const struct fuzz_program *other)
{
	static const struct fuzz_step any;
	struct fuzz_step step;
	int at = draft->count ? fuzz_below(f, draft->count) : 0;

	switch (fuzz_below(f, 6)) {
	case 0:
		draft->count = at;
		return;
	case 1:
		if (at < draft->count)
			memmove(&draft->step[at], &draft->step[at + 1],
				(--draft->count - at) * sizeof(*draft->step));
		return;
	case 2:
		if (!draft->count)
			return;
		step = draft->step[at];
		return insert(draft, fuzz_below(f, draft->count + 1), &step);
	case 3:
		return splice(f, draft, other);
	default:
		return insert(draft, at, &any);
	}
}

/* Of some step; what follows in it has another meaning then, perhaps. */
static void change_decision(struct fuzz *f, struct draft *draft)
{
	struct fuzz_step *step;
	__u32 *word;

	if (!draft->count)
		return;
	step = &draft->step[fuzz_below(f, draft->count)];
	if (!step->count)
		return;
	/* The words are the caller's copy. */
	word = (__u32 *)&step->words[fuzz_below(f, step->count)];
	switch (fuzz_below(f, 5)) {
	case 0:
		*word += 1;
		return;
	case 1:
		*word -= 1;
		return;
	case 2:
		*word = fuzz_below(f, 8);
		return;
	case 3:
		step->count = word - step->words;
		return;
	default:
		*word = fuzz_random(f);
	}
}

static void write_down(const struct draft *draft, struct fuzz_program *plan)
{
	int i;

	plan->words = 0;
	for (i = 0; i < draft->count; i++)
		if (!fuzz_program_add(plan, &draft->step[i]))
			return;
}

void fuzz_compose(struct fuzz *f, const struct fuzz_corpus *corpus,
		  struct fuzz_program *plan)
{
	static const __u32 renew[] = { 0, FUZZ_RENEW_STEP };
	static const struct fuzz_step first = { 2, renew }, any;
	struct fuzz_program one, two;
	struct draft draft = { 0 };
	int i;

	if (fuzz_corpus_size(corpus) == 0 || fuzz_once_in(f, 4)) {
		if (fuzz_once_in(f, 4))
			insert(&draft, 0, &first);
		for (i = fuzz_below(f, 24); i >= 0; i--)
			insert(&draft, draft.count, &any);
		return write_down(&draft, plan);
	}
	pick(f, corpus, &one);
	pick(f, corpus, &two);
	load(f, &draft, &one);
	for (i = fuzz_below(f, 4); i > 0; i--)
		change_steps(f, &draft, &two);
	for (i = fuzz_below(f, 4); i > 0; i--)
		change_decision(f, &draft);
	write_down(&draft, plan);
}
