// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that was received, in whatever state it is, as a source: sent on
 * without a copy (spec 3.3; kernel.md 4, 8).
 */
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

/* ---- what a receiver may have done to it ---- */

static char *leave(char *received)
{
	return received;
}

static char *read_all(char *received)
{
	mt_touch(received, PAGES);
	return received;
}

static char *read_half(char *received)
{
	mt_touch(received + BYTES / 2, PAGES / 2);
	return received;
}

/* The same content, in pages of its own where it had none. */
static void rewrite(char *received, int page)
{
	volatile char *byte = received + page * MT_PAGE;

	*byte = *byte;
}

static char *write_all(char *received)
{
	mt_fill(received, BYTES, 1);
	return received;
}

static char *write_half(char *received)
{
	for (int page = 0; page < PAGES; page += 2)
		rewrite(received, page);
	return received;
}

/* All of it is what was received. */
static char *write_and_discard(char *received)
{
	mt_fill(received, BYTES, 1);
	mt_must(madvise(received, BYTES, MADV_DONTNEED));
	return received;
}

static char *protect(char *received)
{
	mt_must(mprotect(received, BYTES, PROT_READ));
	return received;
}

static char *protect_and_back(char *received)
{
	mt_fill(received, BYTES / 2, 1);
	mt_must(mprotect(received, BYTES, PROT_NONE));
	mt_must(mprotect(received, BYTES, PROT_READ | PROT_WRITE));
	return received;
}

static char *protect_in_the_middle(char *received)
{
	mt_must(mprotect(received + 5 * MT_PAGE, MT_PAGE, PROT_READ));
	return received;
}

static char *remap(char *received)
{
	char *place = mt_map(PAGES);

	mt_fill(received, BYTES / 2, 1);
	mt_check(mremap(received, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED,
			place) == place);
	return place;
}

/* Both halves of it change places with each other. */
static char *remap_halves(char *received)
{
	char *space = mt_map(PAGES), *half = space + BYTES / 2;

	mt_touch(received, PAGES);
	mt_check(mremap(received + BYTES / 2, BYTES / 2, BYTES / 2,
			MREMAP_MAYMOVE | MREMAP_FIXED, half) == half);
	mt_check(mremap(received, BYTES / 2, BYTES / 2,
			MREMAP_MAYMOVE | MREMAP_FIXED, space) == space);
	return space;
}

/* A child has it, too, for as long as the test runs. */
static char *inherit(char *received)
{
	if (mt_fork() == 0) {
		mt_fill(received, BYTES / 2, 9);
		pause();
	}
	return received;
}

static char *advise(char *received)
{
	mt_fill(received, BYTES / 2, 1);
	mt_must(madvise(received, BYTES, MADV_DONTFORK));
	mt_must(madvise(received, BYTES, MADV_SEQUENTIAL));
	madvise(received, BYTES, MADV_PAGEOUT);
	return received;
}

static char *poke(char *received)
{
	char *want = mt_map_filled(PAGES, 1);

	mt_check(mt_poke(getpid(), received, want, BYTES));
	mt_unmap(want, BYTES);
	return received;
}

struct state {
	const char *name;
	char *(*enter)(char *received);
};

static const struct state states[] = {
	{ "untouched", leave },
	{ "read", read_all },
	{ "half read", read_half },
	{ "written", write_all },
	{ "half written", write_half },
	{ "written and discarded", write_and_discard },
	{ "read only", protect },
	{ "protected and back", protect_and_back },
	{ "protected in the middle", protect_in_the_middle },
	{ "moved elsewhere", remap },
	{ "moved elsewhere by halves", remap_halves },
	{ "inherited", inherit },
	{ "advised", advise },
	{ "poked", poke },
};

/* ---- where it came from ---- */

static const struct mt_task *task;
static const struct state *state;

static void receive(struct mt_source *source, char *received)
{
	*source = (struct mt_source) {
		.name = state->name,
		.memory = state->enter(received),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES,
	};
}

static void make_copied(struct mt_source *source, void *arg)
{
	(void)arg;
	receive(source, mt_pass_memory(task, mt_map_filled(PAGES, 1), BYTES,
				       0));
}

static void make_moved(struct mt_source *source, void *arg)
{
	(void)arg;
	receive(source, mt_move_memory(task, mt_map_filled(PAGES, 1), BYTES));
}

static void make_forwarded(struct mt_source *source, void *arg)
{
	char *first;

	(void)arg;
	first = mt_pass_memory(task, mt_map_filled(PAGES, 1), BYTES, 0);
	mt_fill(first, BYTES / 4, 1);
	receive(source, mt_pass_memory(task, first, BYTES, 0));
}

/* Pages that the module copied, which only this receiver has. */
static void make_from_file(struct mt_source *source, void *arg)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	mt_check(memory != MAP_FAILED);
	mt_fill(memory, BYTES, 1);
	receive(source, mt_pass_memory(task, memory, BYTES, 0));
	mt_unmap(memory, BYTES);
}

static void in_all_states(const struct mt_task *of,
			  void (*make)(struct mt_source *source, void *arg))
{
	task = of;
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		state = &states[i];
		mt_source_all_ways(task, make, NULL);
	}
}

TEST_F_TIMEOUT(mach, S3_3_received_by_copy, 120)
{
	in_all_states(&self->task, make_copied);
}

TEST_F_TIMEOUT(mach, S3_3_received_by_move, 120)
{
	in_all_states(&self->task, make_moved);
}

TEST_F_TIMEOUT(mach, S3_3_received_twice, 120)
{
	in_all_states(&self->task, make_forwarded);
}

TEST_F_TIMEOUT(mach, S3_3_received_from_a_file, 120)
{
	in_all_states(&self->task, make_from_file);
}

/* ---- more special shapes ---- */

/* Unreadable memory stays unreadable, also when it was received. */
TEST_F(mach, K3_received_and_made_unreadable)
{
	__u32 port = mt_port(&self->task);
	struct mt_source source;

	task = &self->task;
	state = &states[0];
	mt_source_begin();
	make_copied(&source, NULL);
	mt_must(mprotect(source.memory + 3 * MT_PAGE, MT_PAGE, PROT_NONE));
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
			  mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
					 source.memory, BYTES,
					 i ? MACH_MSG_DESC_DEALLOCATE : 0));
	mt_must(mprotect(source.memory + 3 * MT_PAGE, MT_PAGE, PROT_READ));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
}

static void make_unaligned(struct mt_source *source, void *arg)
{
	unsigned long offset = *(unsigned long *)arg;
	char *memory = mt_map_filled(PAGES, 1), *received;

	received = mt_pass_memory(task, memory + offset, BYTES - 2 * offset,
				  0);
	/* What the receiver writes beside it must not go on, either. */
	memset(received - offset, 'h', offset);
	memset(received + BYTES - 2 * offset, 't', offset);
	*source = (struct mt_source) {
		.memory = received,
		.bytes = BYTES - 2 * offset,
		.want = memory + offset,
		.shared = PAGES - 2,
		.reasons = MT_REASON(EDGE),
	};
}

TEST_F(mach, O22_received_unaligned)
{
	static unsigned long offsets[] = { 1, 2000, 4095 };

	task = &self->task;
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		mt_source_all_ways(task, make_unaligned, &offsets[i]);
}

/* A part of a received region, beginning and ending anywhere in it. */
static void make_part(struct mt_source *source, void *arg)
{
	unsigned long first = *(unsigned long *)arg;

	make_moved(source, NULL);
	source->memory += first * MT_PAGE;
	source->want += first * MT_PAGE;
	source->bytes = 4 * MT_PAGE;
	source->shared = 4;
}

TEST_F(mach, S3_3_part_of_received_memory)
{
	static unsigned long firsts[] = { 0, 5, PAGES - 4 };

	task = &self->task;
	state = &states[2];
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++)
		mt_source_all_ways(task, make_part, &firsts[i]);
}

/* The rest of a region of which a part was given away. */
TEST_F(mach, O25_rest_of_received_memory)
{
	struct mt_source source, part;
	char *received;

	task = &self->task;
	mt_source_begin();
	for (size_t i = 0; i < 5; i++) {
		state = &states[i];
		make_moved(&source, NULL);
		part = source;
		part.memory += 6 * MT_PAGE;
		part.want += 6 * MT_PAGE;
		part.bytes = 3 * MT_PAGE;
		part.shared = 3;
		received = mt_source_move(task, &part);
		memset(received, 'r', part.bytes);
		EXPECT_EQ(0, memcmp(source.memory, source.want, 6 * MT_PAGE));
		EXPECT_EQ(0, memcmp(source.memory + 9 * MT_PAGE,
				    source.want + 9 * MT_PAGE,
				    BYTES - 9 * MT_PAGE));
		memset(source.memory, 's', 6 * MT_PAGE);
		EXPECT_TRUE(mt_all(received, part.bytes, 'r'));
	}
}

TEST_HARNESS_MAIN
