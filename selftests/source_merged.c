// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that KSM has merged as a source: copied, for other processes have
 * them, too (spec 3.3).
 */
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

#define KSM	"/sys/kernel/mm/ksm/"
#define TRIES	500

/* KSM needs some rounds before it believes that pages stay equal. */
static bool merge(const char *memory)
{
	int tries;

	mt_must(madvise((void *)memory, BYTES, MADV_MERGEABLE));
	if (!mt_set_kernel(KSM "sleep_millisecs", "0") ||
	    !mt_set_kernel(KSM "pages_to_scan", "1000") ||
	    !mt_set_kernel(KSM "run", "1"))
		return false;
	for (tries = 0; tries < TRIES; tries++) {
		if (mt_frames_shared(memory, memory + MT_PAGE, PAGES - 1) ==
		    PAGES - 1)
			break;
		mt_sleep(10);
	}
	mt_set_kernel(KSM "run", "0");
	return tries < TRIES;
}

static void unmerge(const struct mt_source *source)
{
	mt_must(madvise(source->memory, BYTES, MADV_UNMERGEABLE));
	mt_check(!mt_frames_shared(source->memory, source->memory + MT_PAGE,
				   PAGES - 1));
	memset(source->memory, 'u', BYTES);
}

static void make_merged(struct mt_source *source, void *arg)
{
	char *want = mt_map(PAGES);

	(void)arg;
	*source = (struct mt_source) {
		.memory = mt_map(PAGES),
		.bytes = BYTES,
		.want = want,
		.reasons = MT_REASON(SPECIAL) | MT_REASON(EDGE),
	};
	memset(source->memory, 'k', BYTES);
	memset(want, 'k', BYTES);
	mt_check(merge(source->memory));
}

static bool begin(void)
{
	char *memory = mt_map(PAGES);
	bool merged;

	memset(memory, 'k', BYTES);
	merged = merge(memory);
	mt_unmap(memory, BYTES);
	/* On any CPU until here: the scanner wants one. */
	mt_source_begin();
	return merged;
}

TEST_F_TIMEOUT(mach, S3_3_merged, 120)
{
	if (!begin())
		SKIP(return, "no KSM, or it does not merge in time");
	mt_source_all_ways(&self->task, make_merged, NULL);
}

TEST_F(mach, S3_3_merged_and_unmerged_in_flight)
{
	struct mt_source source;

	if (!begin())
		SKIP(return, "no KSM, or it does not merge in time");
	make_merged(&source, NULL);
	mt_source_in_flight(&self->task, &source, unmerge);
}

TEST_F(mach, O22_merged_unaligned)
{
	struct mt_source source;

	if (!begin())
		SKIP(return, "no KSM, or it does not merge in time");
	make_merged(&source, NULL);
	source.memory += 50;
	source.bytes -= 100;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
}

/* Pages in flight are not merged, nor are those that a receiver got. */
TEST_F(mach, O2_merging_after_the_send)
{
	struct mt_source source;
	char *received, *want;

	if (!begin())
		SKIP(return, "no KSM, or it does not merge in time");
	make_merged(&source, NULL);
	unmerge(&source);
	want = (char *)source.want;
	memset(want, 'u', BYTES);
	source.shared = PAGES;
	received = mt_source_copy(&self->task, &source);
	EXPECT_EQ(0, madvise(received, BYTES, MADV_MERGEABLE));
	/* The sender's pages have references: whatever KSM does, we see u. */
	madvise(source.memory, BYTES, MADV_MERGEABLE);
	mt_set_kernel(KSM "run", "1");
	mt_sleep(300);
	mt_set_kernel(KSM "run", "0");
	EXPECT_TRUE(mt_source_arrived(&source, received));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_source_apart(&source, received);
}

TEST_HARNESS_MAIN
