// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that fails, before and after it is sent: nobody ever reads wrong
 * bytes, and only who reads what is lost is told so (spec 3.1 O14).
 *
 * Failures are simulated; the pages are put back into use at the end, for
 * which the kernel's module hwpoison_inject is needed.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)
/* The page that fails. */
#define BAD	5

#define UNPOISON	"/sys/kernel/debug/hwpoison/unpoison-pfn"
#define FAILS		100	/* MADV_HWPOISON */
#define GOES_OFFLINE	101	/* MADV_SOFT_OFFLINE */

static __u64 bad_frame;

static bool begin(void)
{
	mt_source_begin();
	return access(UNPOISON, W_OK) == 0;
}

static struct mt_source make(void)
{
	return (struct mt_source) {
		.memory = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES,
	};
}

static void be_told(int number)
{
	(void)number;
}

/* From 6.10 on, who asks for a failure gets a SIGBUS at once. */
static bool fail_page(const struct mt_source *source, int how)
{
	char *page = source->memory + BAD * MT_PAGE;
	bool done;

	bad_frame = mt_frame(page);
	mt_check(bad_frame);
	signal(SIGBUS, be_told);
	done = !madvise(page, MT_PAGE, how);
	signal(SIGBUS, SIG_DFL);
	return done;
}

static void repair(void)
{
	char line[32];

	snprintf(line, sizeof(line), "%llu", (unsigned long long)bad_frame);
	mt_set_kernel(UNPOISON, line);
}

static sigjmp_buf escape;

static void on_bus_error(int number)
{
	siglongjmp(escape, number);
}

/* Is the page as it was sent, or refused?  Not if it is something else. */
static bool right_or_refused(const char *page, const char *want)
{
	bool right = true;

	signal(SIGBUS, on_bus_error);
	if (!sigsetjmp(escape, 1))
		right = !memcmp(page, want, MT_PAGE);
	signal(SIGBUS, SIG_DFL);
	return right;
}

/* All but the bad page as it was sent. */
static bool rest_arrived(const struct mt_source *source, const char *received)
{
	return !memcmp(received, source->want, BAD * MT_PAGE) &&
	       !memcmp(received + (BAD + 1) * MT_PAGE,
		       source->want + (BAD + 1) * MT_PAGE,
		       BYTES - (BAD + 1) * MT_PAGE);
}

/* The lost page cannot be sent, and that kills nobody. */
TEST_F(mach, O14_failure_before_the_send)
{
	__u32 port = mt_port(&self->task);
	struct mt_source source;

	if (!begin())
		SKIP(return, "failed pages could not be repaired");
	source = make();
	if (!fail_page(&source, FAILS))
		SKIP(return, "memory does not fail on request");
	for (int i = 0; i < 4; i++) {
		mt_set_param("share_min", i / 2 ? 1 << 30 : 0);
		EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
			  mt_send_memory(&self->task, port,
					 MACH_MSG_TYPE_COPY_SEND,
					 source.memory, BYTES,
					 i % 2 ? MACH_MSG_DESC_DEALLOCATE :
						 0));
		EXPECT_TRUE(rest_arrived(&source, source.memory));
	}
	EXPECT_TRUE(mt_empty(&self->task, port));
	mt_source_unmap(&source);
	repair();
}

/* A page that both sides show is lost for both; the others are not. */
TEST_F(mach, O14_failure_after_the_send)
{
	for (int touched = 0; touched < 2; touched++) {
		struct mt_source source;
		char *received, *bad, *peeked = mt_map(1);

		if (!begin())
			SKIP(return, "failed pages could not be repaired");
		source = make();
		received = mt_pass_memory(&self->task, source.memory, BYTES,
					  0);
		bad = received + BAD * MT_PAGE;
		if (touched)
			mt_touch(received, PAGES);
		/* Not 0 when the kernel sees that somebody holds the page. */
		fail_page(&source, FAILS);
		EXPECT_TRUE(rest_arrived(&source, received));
		EXPECT_TRUE(right_or_refused(bad,
					     source.want + BAD * MT_PAGE));
		if (mt_peek(getpid(), bad, peeked, MT_PAGE))
			EXPECT_EQ(0, memcmp(source.want + BAD * MT_PAGE,
					    peeked, MT_PAGE));
		mt_source_unmap(&source);
		EXPECT_TRUE(rest_arrived(&source, received));
		mt_unmap(received, BYTES);
		repair();
	}
}

/* What was copied at the send does not depend on the source's pages. */
TEST_F(mach, O14_failure_of_a_page_that_was_copied)
{
	struct mt_source source;
	char *received;

	if (!begin())
		SKIP(return, "failed pages could not be repaired");
	mt_set_param("share_min", 2 * BYTES);
	source = make();
	received = mt_pass_memory(&self->task, source.memory, BYTES, 0);
	if (!fail_page(&source, FAILS))
		SKIP(return, "memory does not fail on request");
	EXPECT_TRUE(mt_source_arrived(&source, received));
	mt_source_unmap(&source);
	repair();
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* A page that is to go out of use is replaced, unless somebody holds it. */
static void take_offline(const struct mt_source *source)
{
	fail_page(source, GOES_OFFLINE);
	mt_check(mt_source_arrived(source, source->memory));
	mt_fill(source->memory, BYTES, 2);
}

TEST_F(mach, O14_page_goes_offline)
{
	struct mt_source source;
	char *received;

	if (!begin())
		SKIP(return, "failed pages could not be repaired");
	source = make();
	mt_source_in_flight(&self->task, &source, take_offline);
	repair();
	source = make();
	received = mt_source_copy(&self->task, &source);
	take_offline(&source);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	repair();
}

TEST_HARNESS_MAIN
